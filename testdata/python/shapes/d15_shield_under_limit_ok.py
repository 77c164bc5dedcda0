"""One lookup per name, shared; a caller that gives up leaves it to the others."""
import asyncio
from typing import Protocol


class Directory(Protocol):
    async def find(self, name: str) -> str: ...


class Lookups:
    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._running: dict[str, asyncio.Task[str]] = {}

    async def find(self, name: str, timeout: float = 2.0) -> str:
        task = self._running.get(name)
        if task is None:
            task = asyncio.create_task(self._directory.find(name))
            self._running[name] = task
            task.add_done_callback(lambda done: self._forget(name, done))
        async with asyncio.timeout(timeout):
            return await asyncio.shield(task)

    def _forget(self, name: str, done: "asyncio.Task[str]") -> None:
        if self._running.get(name) is done:
            del self._running[name]
        if not done.cancelled():
            done.exception()

    async def close(self) -> None:
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
