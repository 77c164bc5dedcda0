"""Broken: a free slot is seen in one step and taken in another, with an await in between."""

import asyncio
import logging

log = logging.getLogger("service")


class Service:
    """Runs at most ``capacity`` jobs at once."""

    def __init__(self, store, capacity, process):
        self._store = store
        self._capacity = capacity
        self._process = process
        self._tasks = set()

    async def start(self, job_id):
        """Run the job if there is a free slot, and say whether there was one."""
        if len(self._tasks) >= self._capacity:
            return False
        job = await self._store.get(job_id)
        task = asyncio.create_task(self._process(job))
        task.add_done_callback(self._ended)
        self._tasks.add(task)  # BAD: checkthenact
        return True

    def _ended(self, task):
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("a job failed", exc_info=task.exception())

    async def shutdown(self):
        """Wait for the jobs."""
        await asyncio.gather(*self._tasks, return_exceptions=True)
