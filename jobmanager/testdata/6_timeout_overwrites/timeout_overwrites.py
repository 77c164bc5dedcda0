"""Broken: a run that was cut off by its timeout writes back the record that it read before it began, whatever was
decided about the job meanwhile.
"""

import asyncio


class Service:
    """Runs jobs."""

    def __init__(self, store, timeout, process):
        self._store = store
        self._timeout = timeout
        self._process = process

    async def run(self, job_id):
        """Process a job that was claimed, and record a failure."""
        job = await self._store.get(job_id)
        if job.status != "running":
            return
        try:
            await asyncio.wait_for(self._process(job), self._timeout)
        except TimeoutError:
            job.status = "failed"
            job.reason = "timed out"
            await self._store.update(job)  # BAD: stalerecord

    async def cancel(self, job_id, reason):
        """End a job that is running."""
        await self._store.cancel(job_id, reason)
