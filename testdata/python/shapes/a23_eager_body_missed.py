"""Under an eager task factory the body runs before the handle is stored, and its clean-up is undone."""
import asyncio
from typing import Protocol


class Cache(Protocol):
    async def refresh(self) -> int: ...


class Refresher:
    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._task: asyncio.Task[None] | None = None
        self.refreshed = 0

    def refresh(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run())  # GAP: checkthenact|overwrittentask

    async def _run(self) -> None:
        try:
            self.refreshed += 0 if self.refreshed else 1
            if self.refreshed > 1:
                await self._cache.refresh()
        finally:
            self._task = None

    async def close(self) -> None:
        if (task := self._task) is not None:
            await asyncio.wait([task])


def install() -> None:
    loop = asyncio.get_running_loop()
    factory = getattr(asyncio, "eager_task_factory", None)
    if factory is not None:
        loop.set_task_factory(factory)
