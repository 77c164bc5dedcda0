"""Flusher: the flag that guards the start is set by the task itself, one turn later."""
import asyncio
import logging
from collections.abc import Awaitable, Callable

log = logging.getLogger("flusher")


class Flusher:
    def __init__(self, flush: Callable[[list[str]], Awaitable[None]]) -> None:
        self._flush = flush
        self._lines: list[str] = []
        self._flushing = False
        self._tasks: set[asyncio.Task[None]] = set()

    def write(self, line: str) -> None:
        self._lines.append(line)
        if not self._flushing:
            task = asyncio.create_task(self._run())  # BAD: checkthenact @spawn
            self._tasks.add(task)
            task.add_done_callback(self._finished)

    async def _run(self) -> None:
        self._flushing = True  # BAD: checkthenact @spawn
        try:
            while self._lines:
                lines, self._lines = self._lines, []
                await self._flush(lines)
        finally:
            self._flushing = False  # MAYBE: blindremoval|checkthenact

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("flush failed", exc_info=error)

    async def close(self) -> None:
        await asyncio.gather(*self._tasks, return_exceptions=True)
