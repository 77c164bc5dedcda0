"""Under an eager task factory the handle of an ended task may stay, but whoever looks at it asks whether it is done."""
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
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        try:
            if self._cache.stale():
                await self._cache.refresh()
        except Exception:
            log.exception("refresh failed")
        finally:
            if self._task is asyncio.current_task():
                self._task = None

    async def close(self) -> None:
        if (task := self._task) is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def main(refresher: Refresher) -> None:
    loop = asyncio.get_running_loop()
    loop.set_task_factory(asyncio.eager_task_factory)
    refresher.refresh()
    await refresher.close()
