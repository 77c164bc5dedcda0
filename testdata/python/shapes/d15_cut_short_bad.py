"""One download per URL, shared by all who ask for it."""
import asyncio
from typing import Protocol


class Client(Protocol):
    async def get(self, url: str) -> bytes: ...


class Downloads:
    def __init__(self, client: Client) -> None:
        self._client = client
        self._running: dict[str, asyncio.Task[bytes]] = {}

    async def get(self, url: str, timeout: float = 10.0) -> bytes:
        task = self._running.get(url)
        if task is None:
            task = asyncio.create_task(self._client.get(url))
            self._running[url] = task
            task.add_done_callback(lambda done: self._forget(url, done))
        return await asyncio.wait_for(task, timeout)  # BAD: checkthenact

    def _forget(self, url: str, done: "asyncio.Task[bytes]") -> None:
        if self._running.get(url) is done:
            del self._running[url]

    async def close(self) -> None:
        for task in list(self._running.values()):
            task.cancel()
        await asyncio.gather(*self._running.values(), return_exceptions=True)
