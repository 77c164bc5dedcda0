"""Broken, as in the published fix: the clean-up after a job is a task that nobody knows. Shutdown returns while it still
writes to the store.
"""

import asyncio
import logging

log = logging.getLogger("service")


class Service:
    """Runs jobs."""

    def __init__(self, store, process):
        self._store = store
        self._process = process
        self._tasks = set()

    def start(self, job_id):
        """Run the job."""
        task = asyncio.create_task(self._process(job_id))
        self._tasks.add(task)
        task.add_done_callback(lambda task: self._ended(job_id, task))

    def _ended(self, job_id, task):
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("job %s failed", job_id, exc_info=task.exception())
        asyncio.create_task(self._clean_up(job_id))  # BAD: untrackedtask

    async def _clean_up(self, job_id):
        await self._store.remove(job_id)

    async def shutdown(self):
        """Wait for the jobs."""
        await asyncio.gather(*self._tasks, return_exceptions=True)
