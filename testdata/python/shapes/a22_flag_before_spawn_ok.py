"""Flusher: the flag is set by the one who starts the task."""
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
            self._flushing = True
            task = asyncio.create_task(self._run())
            self._tasks.add(task)
            task.add_done_callback(self._finished)

    async def _run(self) -> None:
        try:
            while self._lines:
                lines, self._lines = self._lines, []
                await self._flush(lines)
        finally:
            self._flushing = False

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("flush failed", exc_info=error)

    async def close(self) -> None:
        await asyncio.gather(*self._tasks, return_exceptions=True)
