"""Under an eager task factory the body runs before the handle is stored, and its clean-up is undone."""
import asyncio
import logging
from typing import Protocol

log = logging.getLogger("refresher")


class Cache(Protocol):
    def stale(self) -> bool: ...

    async def refresh(self) -> int: ...


class Refresher:
    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._task: asyncio.Task[None] | None = None

    def refresh(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run())  # BAD: checkthenact

    async def _run(self) -> None:
        try:
            if self._cache.stale():
                await self._cache.refresh()
        except Exception:
            log.exception("refresh failed")
        finally:
            self._task = None

    async def close(self) -> None:
        if (task := self._task) is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def install(loop: asyncio.AbstractEventLoop) -> None:
    factory = getattr(asyncio, "eager_task_factory", None)
    if factory is not None:
        loop.set_task_factory(factory)
