"""Nightly jobs: the guard is set by the body, which runs later."""
import asyncio
import logging
from collections.abc import Awaitable, Callable

log = logging.getLogger("nightly")


class Nightly:
    def __init__(self, job: Callable[[], Awaitable[None]]) -> None:
        self._job = job
        self._busy = False
        self._tasks: list[asyncio.Task[None]] = []
        self.runs = 0

    def kick(self) -> bool:
        if self._busy:
            return False
        self._tasks.append(asyncio.create_task(self._run()))  # BAD: checkthenact @kick
        return True

    async def _run(self) -> None:
        self._busy = True  # BAD: checkthenact @kick
        try:
            await self._job()
            self.runs += 1
        except Exception:
            log.exception("job failed")
        finally:
            self._busy = False  # MAYBE: blindremoval

    async def close(self) -> None:
        while self._tasks:
            await self._tasks.pop()
