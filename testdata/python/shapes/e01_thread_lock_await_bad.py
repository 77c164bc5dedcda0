"""A threading lock is held while the coroutine is suspended: the next one blocks the loop for good."""
import asyncio
import threading
from typing import Protocol


class Http(Protocol):
    async def get(self, url: str) -> bytes: ...


class Cookies:
    def __init__(self, http: Http) -> None:
        self._http = http
        self._lock = threading.Lock()
        self._jar: dict[str, str] = {}

    async def login(self, url: str) -> int:
        with self._lock:  # BAD: threadlockawait
            body = await self._http.get(url)
            self._jar[url] = body.decode()
            return len(self._jar)

    async def login_all(self, urls: list[str]) -> None:
        await asyncio.gather(*(self.login(url) for url in urls))

    def cookie(self, url: str) -> str | None:
        with self._lock:
            return self._jar.get(url)
