"""A record is read, tested and written back; the store calls are the suspensions."""
from dataclasses import dataclass
from typing import Protocol


@dataclass
class Job:
    id: str
    status: str
    reason: str = ""


class JobDao(Protocol):
    async def get(self, job_id: str) -> Job | None: ...

    async def update(self, job: Job) -> None: ...


class JobService:
    def __init__(self, jobs: JobDao) -> None:
        self._jobs = jobs

    async def cancel(self, job_id: str, reason: str) -> bool:
        job = await self._jobs.get(job_id)
        if job is None or job.status not in ("queued", "running"):
            return False
        job.status = "cancelled"
        job.reason = reason
        await self._jobs.update(job)  # BAD: stalerecord
        return True

    async def status(self, job_id: str) -> str:
        job = await self._jobs.get(job_id)
        return "unknown" if job is None else job.status
