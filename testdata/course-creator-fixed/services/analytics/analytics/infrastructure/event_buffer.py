"""Collects activity events and writes them in batches."""
import asyncio
import contextlib
import logging
from typing import List, Optional

from analytics.data_access.analytics_dao import AnalyticsDAO
from analytics.domain.activity import ActivityEvent

logger = logging.getLogger(__name__)


class EventBuffer:
    """add() never waits; one background loop does the writing."""

    def __init__(self, dao: AnalyticsDAO, interval_seconds: float = 2.0) -> None:
        self._dao = dao
        self._interval_seconds = interval_seconds
        self._pending: List[ActivityEvent] = []
        self._failures_in_a_row = 0
        self._loop_task: Optional[asyncio.Task] = None

    def add(self, event: ActivityEvent) -> None:
        """Remember one event until the next flush."""
        self._pending.append(event)

    async def start(self) -> None:
        """Start the background loop; starting twice is harmless."""
        if self._loop_task is None:
            self._loop_task = asyncio.create_task(self._run(), name="event-buffer")

    async def stop(self) -> None:
        """End the loop and write what is left."""
        task, self._loop_task = self._loop_task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await self.flush()

    async def flush(self) -> int:
        """Write what has been collected; says how many events that was."""
        batch, self._pending = self._pending, []
        if not batch:
            return 0
        await self._dao.insert_events(batch)
        return len(batch)

    async def _run(self) -> None:
        """Flush at intervals, less often while the database is away."""
        while True:
            pause = self._interval_seconds * (1 + min(self._failures_in_a_row, 10))
            await asyncio.sleep(pause)
            try:
                await self.flush()
                self._failures_in_a_row = 0
            except OSError:
                self._failures_in_a_row += 1
                logger.exception("Writing activity events failed")
