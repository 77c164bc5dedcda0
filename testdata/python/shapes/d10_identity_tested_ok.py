"""Each task removes itself and nobody else."""
import asyncio
from typing import Protocol


class Http(Protocol):
    async def download(self, url: str) -> None: ...


class Downloads:
    def __init__(self, http: Http) -> None:
        self._http = http
        self._running: dict[str, asyncio.Task[None]] = {}
        self._last: asyncio.Task[None] | None = None
        self.failed: list[str] = []

    def restart(self, url: str) -> None:
        if (earlier := self._running.get(url)) is not None:
            earlier.cancel()
        task = asyncio.create_task(self._http.download(url))
        self._running[url] = self._last = task
        task.add_done_callback(lambda done: self._finished(url, done))

    def _finished(self, url: str, task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and task.exception() is not None:
            self.failed.append(url)
        if self._running.get(url) is task:
            del self._running[url]
        if self._last is task:
            self._last = None

    async def close(self) -> None:
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
