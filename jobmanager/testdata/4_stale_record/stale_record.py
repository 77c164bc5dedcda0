"""Broken: cancel reads the record, finds it running, and writes it back. A job that completes in between is recorded as
cancelled, and its result is gone.
"""


class FinishedError(Exception):
    """There is nothing left to cancel."""


class Service:
    """Records what happens to jobs."""

    def __init__(self, store):
        self._store = store

    async def complete(self, job_id, result):
        """Record the result of a job."""
        await self._store.complete(job_id, result)

    async def cancel(self, job_id, reason):
        """End a job that is running."""
        job = await self._store.get(job_id)
        if job.status != "running":
            raise FinishedError(job_id)
        job.status = "cancelled"
        job.reason = reason
        await self._store.update(job)  # BAD: stalerecord
