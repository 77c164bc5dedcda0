"""A helper is handed the task: it keeps it and logs what goes wrong."""
import asyncio
import logging
from typing import Protocol

logger = logging.getLogger(__name__)


class Metrics(Protocol):
    async def push(self, name: str) -> None: ...


class Reporter:
    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._tasks: set[asyncio.Task] = set()

    def hit(self, enabled: bool) -> None:
        enabled and self._keep(asyncio.create_task(self._metrics.push("hit")))

    def _keep(self, task: asyncio.Task) -> asyncio.Task:
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            logger.error("pushing failed", exc_info=task.exception())

    async def close(self) -> None:
        await asyncio.gather(*self._tasks, return_exceptions=True)
