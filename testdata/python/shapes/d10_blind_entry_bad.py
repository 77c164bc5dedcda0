"""A finished download removes whatever stands under its name by now."""
import asyncio
from typing import Protocol


class Http(Protocol):
    async def download(self, url: str) -> None: ...


class Downloads:
    def __init__(self, http: Http) -> None:
        self._http = http
        self._running: dict[str, asyncio.Task[None]] = {}
        self.failed: list[str] = []

    def restart(self, url: str) -> None:
        earlier = self._running.get(url)
        if earlier is not None:
            earlier.cancel()
        task = asyncio.create_task(self._http.download(url))
        self._running[url] = task
        task.add_done_callback(lambda done: self._finished(url, done))

    def _finished(self, url: str, task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and task.exception() is not None:
            self.failed.append(url)
        self._running.pop(url, None)  # BAD: blindremoval

    async def close(self) -> None:
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
