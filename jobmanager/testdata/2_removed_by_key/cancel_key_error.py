"""Broken: cancel finds an entry, waits, and removes it; when it comes to that, the task has removed its entry itself."""

import asyncio
import logging

log = logging.getLogger("service")


class Service:
    """Runs jobs."""

    def __init__(self, process):
        self._process = process
        self._running = {}

    def start(self, job_id):
        """Run the job unless it is running."""
        if job_id not in self._running:
            task = asyncio.create_task(self._process(job_id))
            self._running[job_id] = task
            task.add_done_callback(lambda task: self._ended(job_id, task))

    async def cancel(self, job_id):
        """Stop the job if it is running."""
        if job_id in self._running:
            task = self._running[job_id]
            task.cancel()
            await asyncio.wait([task])
            del self._running[job_id]  # BAD: checkthenact

    def _ended(self, job_id, task):
        if self._running.get(job_id) is task:
            del self._running[job_id]
        if not task.cancelled() and task.exception() is not None:
            log.error("job %s failed", job_id, exc_info=task.exception())

    async def shutdown(self):
        """Wait for the jobs."""
        await asyncio.gather(*self._running.values(), return_exceptions=True)
