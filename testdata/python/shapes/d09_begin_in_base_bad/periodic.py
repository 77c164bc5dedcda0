"""Work that is repeated in the background."""
import asyncio
import logging

log = logging.getLogger("periodic")


class Periodic:
    interval = 1.0

    def __init__(self) -> None:
        self._loop_task: asyncio.Task[None] | None = None

    def _begin(self) -> None:
        self._loop_task = asyncio.create_task(self._loop())  # BAD: overwrittentask @begin

    async def _loop(self) -> None:
        while True:
            try:
                await self.step()
            except Exception:
                log.exception("step failed")
            await asyncio.sleep(self.interval)

    async def step(self) -> None:
        raise NotImplementedError

    async def end(self) -> None:
        task, self._loop_task = self._loop_task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
