"""Broken: whether a job runs is checked in one step, and it is started in another, with an await in between."""

import asyncio
import logging

log = logging.getLogger("service")


class Service:
    """Runs jobs."""

    def __init__(self, store, process):
        self._store = store
        self._process = process
        self._running = {}

    async def queue(self, job_id):
        """Start the job unless it is running."""
        if job_id in self._running:
            return
        job = await self._store.get(job_id)
        self._running[job_id] = asyncio.create_task(self._process(job))  # BAD: checkthenact
        self._running[job_id].add_done_callback(lambda task: self._ended(job_id, task))

    def _ended(self, job_id, task):
        if self._running.get(job_id) is task:
            del self._running[job_id]
        if not task.cancelled() and task.exception() is not None:
            log.error("job %s failed", job_id, exc_info=task.exception())

    async def shutdown(self):
        """Wait for the jobs."""
        await asyncio.gather(*self._running.values(), return_exceptions=True)
