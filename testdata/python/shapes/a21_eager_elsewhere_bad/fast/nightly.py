"""Nightly jobs under an eager task factory: the guard is set by the body, which runs at once."""
import asyncio
import logging
from collections.abc import Awaitable, Callable

log = logging.getLogger("nightly")


class Nightly:
    def __init__(self, job: Callable[[], Awaitable[None]]) -> None:
        self._job = job
        self._busy = False
        self._task: asyncio.Task[None] | None = None
        self.runs = 0

    def kick(self) -> bool:
        if self._busy:
            return False
        self._task = asyncio.create_task(self._run())
        return True

    async def _run(self) -> None:
        self._busy = True
        try:
            await self._job()
            self.runs += 1
        except Exception:
            log.exception("job failed")
        finally:
            self._busy = False

    async def close(self) -> None:
        if self._task is not None:
            await self._task


async def main(nightly: Nightly) -> None:
    asyncio.get_running_loop().set_task_factory(asyncio.create_eager_task_factory(asyncio.Task))
    nightly.kick()
    nightly.kick()
    await nightly.close()
