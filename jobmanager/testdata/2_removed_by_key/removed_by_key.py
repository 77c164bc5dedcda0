"""Broken: a run that has ended removes the entry of its job, whoever owns it by then. If the job was cancelled and
started again meanwhile, that is the entry of the new run, which nobody can stop any more.
"""

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

    def cancel(self, job_id):
        """Stop the job if it is running."""
        task = self._running.pop(job_id, None)
        if task is not None:
            task.cancel()

    def _ended(self, job_id, task):
        self._running.pop(job_id, None)  # BAD: blindremoval
        if not task.cancelled() and task.exception() is not None:
            log.error("job %s failed", job_id, exc_info=task.exception())

    async def shutdown(self):
        """Wait for the jobs."""
        await asyncio.gather(*self._running.values(), return_exceptions=True)
