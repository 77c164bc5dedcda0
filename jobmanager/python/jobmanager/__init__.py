"""Run jobs in the background of one asyncio process: the reference for how to do so without a race between what was
checked and what is done. It has no lock at all; four ideas take its place.

* A reservation, by identity: who runs a job, and in which slot, is decided in one step in memory, before the first
  await, and undone only by the one who made it (``reservations``).
* Compare-and-set: a record changes only if it is still the one that the decision was made on (``store``).
* Every task has an owner: a run cleans up after itself, and ``shutdown`` waits for all there is (``tasks``).
* A lease: a running job belongs to its owner for as long as the owner renews it. After a crash the next manager on the
  same store takes it over.

A job that ``create`` returned is never lost, and each has exactly one recorded end. Execution is *at least once*: a
process that dies after the work and before the record of it will have the work done again, so handlers must be safe to
repeat. A pending job starts by priority, then age; a scheduled one starts at most ``Options.poll`` late.

One manager belongs to one event loop; it must not be called from another thread. It never distributes work and never
kills a handler that ignores its cancellation. When one process is not enough, move to arq or Celery (or River or
Temporal, for Go): ``handlers`` are their tasks, ``job_id`` is arq's ``_job_id`` and Celery's ``task_id``, ``not_before``
is ``_defer_until`` and ``eta``, ``capacity`` is ``max_jobs`` and ``worker_concurrency``, ``retry_limit`` is ``max_tries``
and ``max_retries``, ``timeout`` is ``job_timeout`` and ``time_limit``, and ``cancel`` is ``Job.abort`` and ``revoke``. They too
execute at least once, so a handler moves as it is.

It is the asyncio twin of the Go package of the same name, and has the same table in SQLite.
"""

from .job import (
    ConflictError,
    ExistsError,
    Job,
    JobError,
    NotFoundError,
    Priority,
    RetryLimitError,
    Status,
    TransitionError,
    UnknownTypeError,
)
from .manager import Handler, Manager, Options, Report, Snapshot, Statistics
from .store import SQLiteStore, Store
from .tasks import ClosedError, Group

__all__ = [
    "ClosedError",
    "ConflictError",
    "ExistsError",
    "Group",
    "Handler",
    "Job",
    "JobError",
    "Manager",
    "NotFoundError",
    "Options",
    "Priority",
    "Report",
    "RetryLimitError",
    "SQLiteStore",
    "Snapshot",
    "Statistics",
    "Status",
    "Store",
    "TransitionError",
    "UnknownTypeError",
]
