"""The handle that is tested is the handle that is stored, in one step."""
import asyncio
from typing import Protocol


class Feed(Protocol):
    async def poll(self) -> int: ...


class Poller:
    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._task: asyncio.Task[int] | None = None

    def kick(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._feed.poll())

    async def result(self) -> int:
        self.kick()
        task = self._task
        return 0 if task is None else await asyncio.shield(task)

    async def close(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
