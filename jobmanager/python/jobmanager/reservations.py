"""Who runs what in this process: at most one run for a job, and at most as many runs as there are slots.

A reservation takes the place of a lock: it is made in one step and held across all the awaits of the run, while nobody
has to wait for it.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from enum import Enum, auto
from typing import Any

from .job import Job, Status


class Stop(Enum):
    """Why a run was stopped."""

    CANCELLED = auto()
    TIMEOUT = auto()
    LOST = auto()
    SHUTDOWN = auto()


class Run:
    """One attempt at a job, from its reservation until its task has ended. The object is its identity.

    Only the handler is ever cancelled, never the task around it, so whoever records the end is not interrupted.
    """

    def __init__(self) -> None:
        self.stopped: Stop | None = None
        self._handler: asyncio.Task[Any] | None = None
        self._reported: tuple[int, int, str] | None = None

    def attach(self, handler: asyncio.Task[Any]) -> None:
        """Give the run its handler. It may have been stopped before it came so far."""
        self._handler = handler
        if self.stopped is not None:
            handler.cancel()

    def stop(self, why: Stop) -> None:
        """Cancel the handler, once."""
        if self.stopped is None:
            self.stopped = why
            if self._handler is not None:
                self._handler.cancel()

    def report(self, attempt: int, percent: int, note: str) -> None:
        """Keep what the handler said last."""
        self._reported = (attempt, min(max(percent, 0), 100), note)

    def show_progress(self, job: Job) -> Job:
        """Write what the handler said last into a copy of the record, if that is of the same attempt."""
        if self._reported is None or job.status is not Status.RUNNING or self._reported[0] != job.attempts:
            return job
        return replace(job, progress=self._reported[1], note=self._reported[2])


class Full(Exception):
    """All slots are taken."""


class Active(Exception):
    """The job is already being run here."""


class Reservations:
    """The runs of one manager. Nothing here waits: on one event loop each method is one step."""

    def __init__(self, capacity: int) -> None:
        self._free = capacity
        self._runs: dict[str, Run] = {}

    def __len__(self) -> int:
        return len(self._runs)

    def take(self, job_id: str, run: Run) -> None:
        """Reserve a slot and the job, or raise Full or Active and reserve nothing."""
        if self._free == 0:
            raise Full
        if self._runs.setdefault(job_id, run) is not run:
            raise Active
        self._free -= 1

    def release(self, job_id: str, run: Run) -> None:
        """End that reservation, and no other: the entry may be that of a later run of the same job."""
        if self._runs.get(job_id) is run:
            del self._runs[job_id]
            self._free += 1

    def of(self, job_id: str) -> Run | None:
        """Return the run of a job, if there is one here."""
        return self._runs.get(job_id)

    def stop_all(self, why: Stop) -> None:
        """Stop every run."""
        for run in tuple(self._runs.values()):
            run.stop(why)
