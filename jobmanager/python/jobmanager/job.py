"""What a job is, and the legal changes of its record. Nothing here waits, so nothing here can be interrupted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any


class Status(StrEnum):
    """Where a job is in its life. It waits, runs, and ends in one of three ways; only a failed job can come back."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def finished(self) -> bool:
        """Whether this is an end."""
        return self in (Status.COMPLETED, Status.FAILED, Status.CANCELLED)


# What may follow each status. Pending follows running when a shutdown gives a job back or when its process died.
_LEGAL: dict[Status, frozenset[Status]] = {
    Status.PENDING: frozenset({Status.RUNNING, Status.CANCELLED}),
    Status.RUNNING: frozenset({Status.COMPLETED, Status.FAILED, Status.CANCELLED, Status.PENDING}),
    Status.FAILED: frozenset({Status.PENDING}),
    Status.COMPLETED: frozenset(),
    Status.CANCELLED: frozenset(),
}


class Priority(IntEnum):
    """The order of the queue."""

    LOW = -1
    NORMAL = 0
    HIGH = 1
    URGENT = 2


class JobError(Exception):
    """An error that the caller of a manager can act on."""


class ExistsError(JobError):
    """A job with this ID exists: use another ID, or none to have one made."""


class NotFoundError(JobError):
    """There is no such job."""


class ConflictError(JobError):
    """The record has changed since it was read: read it again."""


class RetryLimitError(JobError):
    """The job was started as often as it may: create a new one."""


class UnknownTypeError(JobError):
    """There is no handler for this content type: pass one to the manager."""


class LostError(JobError):
    """The record belongs to somebody else now. The manager keeps this to itself."""


class TransitionError(JobError):
    """A change of status was refused."""

    def __init__(self, job_id: str, current: Status, to: Status) -> None:
        super().__init__(f"job {job_id} is {current} and cannot become {to}")
        self.job_id = job_id
        self.current = current
        self.to = to


@dataclass(frozen=True, slots=True)
class Job:
    """The record of one job. It is a snapshot: whoever decides something by it must write by ``compare_and_set``, which
    fails when the snapshot is no longer true. The methods return a changed copy, or raise.
    """

    id: str
    content_type: str
    created_at: datetime
    course_id: str = ""
    parameters: Any = None
    priority: Priority = Priority.NORMAL
    not_before: datetime | None = None  # the scheduled time

    status: Status = Status.PENDING
    attempts: int = 0  # how often it was started
    owner: str = ""  # the manager that runs it
    lease_until: datetime | None = None  # when others may take the owner for dead
    progress: int = 0  # percent
    note: str = ""  # what the handler said last
    result: Any = None
    error: str = ""  # why it failed or was cancelled

    started_at: datetime | None = None
    finished_at: datetime | None = None
    version: int = 1  # counts the changes; the store compares and raises it

    def _become(self, status: Status, **changes: Any) -> Job:
        if status not in _LEGAL[self.status]:
            raise TransitionError(self.id, self.status, status)
        return replace(self, status=status, **{"owner": "", "lease_until": None} | changes)

    def queue(self, now: datetime) -> Job:
        """Due now, whatever the scheduled time."""
        if self.status is not Status.PENDING:
            raise TransitionError(self.id, self.status, Status.PENDING)
        return replace(self, not_before=None if self.not_before is None else min(self.not_before, now))

    def claim(self, owner: str, now: datetime, until: datetime) -> Job:
        """Running, by that owner."""
        return self._become(
            Status.RUNNING,
            owner=owner,
            lease_until=until,
            started_at=now,
            finished_at=None,
            attempts=self.attempts + 1,
            progress=0,
            note="",
            error="",
        )

    def renew(self, until: datetime) -> Job:
        """Running on, with that lease."""
        return replace(self, lease_until=until)

    def complete(self, result: Any, now: datetime) -> Job:
        """Completed, with that result."""
        return self._become(Status.COMPLETED, result=result, progress=100, finished_at=now)

    def fail(self, reason: str, now: datetime) -> Job:
        """Failed, for that reason."""
        return self._become(Status.FAILED, error=reason, finished_at=now)

    def cancel(self, reason: str, now: datetime) -> Job:
        """Cancelled, for that reason."""
        return self._become(Status.CANCELLED, error=reason, finished_at=now)

    def retry(self, limit: int) -> Job:
        """Pending again after a failure, unless it was retried that often."""
        if self.status is not Status.FAILED:
            raise TransitionError(self.id, self.status, Status.PENDING)
        if self.attempts > limit:
            raise RetryLimitError(f"job {self.id} after {self.attempts} attempts: retry limit reached")
        return self._become(Status.PENDING)

    def give_back(self) -> Job:
        """Pending again after a shutdown cut it off; that attempt is not held against it."""
        return self._become(Status.PENDING, attempts=self.attempts - 1)

    def reclaim(self, now: datetime, limit: int) -> Job:
        """Taken from an owner whose lease ran out. The attempt counts: a job that kills its process must not do so for
        ever.
        """
        if self.status is not Status.RUNNING or self.lease_until is None or self.lease_until > now:
            raise LostError(self.id)
        if self.attempts > limit:
            return self.fail("its process died", now)
        return self._become(Status.PENDING)

    def held_by(self, owner: str, attempt: int) -> bool:
        """Whether the record still belongs to that attempt of that owner."""
        return self.status is Status.RUNNING and self.owner == owner and self.attempts == attempt
