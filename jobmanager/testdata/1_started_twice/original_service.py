"""The audited service as it was. Nothing can suspend between its check and its start, nor between its check and its
removal: on one event loop both are atomic today. What is broken is the removal by key when a job has ended.
"""

import asyncio
import logging

log = logging.getLogger("service")


class Service:
    """Runs jobs."""

    def __init__(self, store, process):
        self._store = store
        self._process = process
        self._running_jobs = {}

    async def queue(self, job_id):
        """Start the job unless it is running."""
        job = await self._store.get(job_id)
        await self._queue_job(job)

    async def _queue_job(self, job):
        if job.id in self._running_jobs:
            return
        task = asyncio.create_task(self._process(job))
        self._running_jobs[job.id] = task
        task.add_done_callback(lambda t: self._on_job_completed(job.id, t))

    async def cancel(self, job_id):
        """Stop the job if it is running."""
        if job_id in self._running_jobs:
            task = self._running_jobs[job_id]
            task.cancel()
            del self._running_jobs[job_id]

    def _on_job_completed(self, job_id, task):
        if job_id in self._running_jobs:
            del self._running_jobs[job_id]  # BAD: blindremoval
        if not task.cancelled() and task.exception() is not None:
            log.error("job %s failed", job_id, exc_info=task.exception())

    async def shutdown(self):
        """Wait for the jobs."""
        await asyncio.gather(*self._running_jobs.values(), return_exceptions=True)
