"""The handle that is tested is the handle that is stored, in one step."""
import asyncio
import logging
from typing import Protocol

log = logging.getLogger("poller")


class Feed(Protocol):
    async def poll(self) -> int: ...


class Poller:
    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._task: asyncio.Task[None] | None = None
        self.items = 0

    def kick(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._poll())

    async def _poll(self) -> None:
        try:
            found = await self._feed.poll()
        except Exception:
            log.exception("poll failed")
        else:
            self.items += found

    async def close(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
