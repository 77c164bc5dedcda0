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
    """One attempt at a job, from its reservation until its task has ended. The object is its identity."""

    def __init__(self, job_id: str) -> None:
        self.job_id = job_id
        self.stopping: asyncio.Future[Stop] = asyncio.get_running_loop().create_future()
        self._reported: tuple[int, int, str] | None = None

    def stop(self, why: Stop) -> None:
        """Ask the run to stop; the first reason counts. Its task, which alone has the handler, cancels that: so nobody
        interrupts the task itself, and the end of the run is always recorded.
        """
        if not self.stopping.done():
            self.stopping.set_result(why)

    @property
    def stopped(self) -> Stop | None:
        """Why the run was asked to stop, if it was."""
        return self.stopping.result() if self.stopping.done() else None

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
        self._capacity = capacity
        self._runs: set[Run] = set()

    def __len__(self) -> int:
        return len(self._runs)

    def take(self, run: Run) -> None:
        """Reserve a slot and the job, or raise Full or Active and reserve nothing."""
        if len(self._runs) >= self._capacity:
            raise Full
        if self.of(run.job_id) is not None:
            raise Active
        self._runs.add(run)

    def release(self, run: Run) -> None:
        """End that reservation, and no other: the set holds the runs themselves, so a later one of the job stays."""
        self._runs.discard(run)

    def of(self, job_id: str) -> Run | None:
        """Return the run of a job, if there is one here. There are never more runs than slots to look through."""
        return next((run for run in self._runs if run.job_id == job_id), None)

    def stop_all(self, why: Stop) -> None:
        """Stop every run."""
        for run in tuple(self._runs):
            run.stop(why)
