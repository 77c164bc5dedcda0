"""A threading lock around plain statements, and released before the await."""
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
        body = await self._http.get(url)
        with self._lock:
            self._jar[url] = body.decode()
            return len(self._jar)

    def cookie(self, url: str) -> str | None:
        with self._lock:
            return self._jar.get(url)
