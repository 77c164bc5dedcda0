"""What the tests share: a store in memory, which is for tests only, a seam that disturbs it, and a handler under control."""

from __future__ import annotations

import asyncio
import logging
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from jobmanager import ConflictError, ExistsError, Manager, NotFoundError, Options, Status  # noqa: E402

EPOCH = datetime(2025, 10, 10, 12, tzinfo=UTC)

silent = logging.getLogger("jobmanager.tests")
silent.addHandler(logging.NullHandler())
silent.propagate = False


class MemoryStore:
    """A Store without a disk."""

    def __init__(self):
        self.jobs = {}
        self.journal = []  # (id, from, to, version after) of every change

    async def insert(self, job):
        if job.id in self.jobs:
            raise ExistsError(job.id)
        self.jobs[job.id] = replace(job, version=1)

    async def get(self, job_id):
        if job_id not in self.jobs:
            raise NotFoundError(job_id)
        return self.jobs[job_id]

    async def compare_and_set(self, job):
        old = self.jobs.get(job.id)
        if old is None or old.version != job.version:
            raise ConflictError(job.id)
        self.jobs[job.id] = replace(job, version=job.version + 1)
        self.journal.append((job.id, old.status, job.status, job.version + 1))
        return self.jobs[job.id]

    async def due(self, now, limit):
        due = [
            job
            for job in self.jobs.values()
            if job.status is Status.PENDING and (job.not_before is None or job.not_before <= now)
        ]
        return sorted(due, key=lambda job: (-job.priority, job.created_at, job.id))[:limit]

    async def expired(self, now):
        return [job for job in self.jobs.values() if job.status is Status.RUNNING and job.lease_until <= now]

    async def retryable(self, limit):
        return [job for job in self.jobs.values() if job.status is Status.FAILED and job.attempts <= limit]

    async def counts(self):
        counts = {}
        for job in self.jobs.values():
            counts[job.status] = counts.get(job.status, 0) + 1
        return counts

    async def delete_finished(self, before):
        old = [job.id for job in self.jobs.values() if job.status.finished and job.finished_at < before]
        for job_id in old:
            del self.jobs[job_id]
        return len(old)


class Seam:
    """A store whose every call awaits ``around()`` before and after the call of the store itself."""

    def __init__(self, store, around):
        self.store = store
        self.around = around

    def __getattr__(self, name):
        call = getattr(self.store, name)

        async def disturbed(*args):
            await self.around()
            result = await call(*args)
            await self.around()
            return result

        return disturbed


def jittery(store, loop):
    """Let every call suspend a few times, or for a moment, before and after it takes effect."""

    async def around():
        for _ in range(loop.random.randrange(3)):
            await asyncio.sleep(loop.random.choice((0, 0, 0.001)))

    return Seam(store, around)


def slow(store, delay):
    """Let every call take that long before and after it takes effect."""
    return Seam(store, lambda: asyncio.sleep(delay))


class Work:
    """A handler under the control of a test: a job runs until it is told to end or is cancelled, and what runs at once is
    watched.
    """

    def __init__(self, stopping=0):
        self.stopping = stopping  # how long a run takes to stop after it was cancelled
        self._runs = set()
        self.started = []
        self.most = 0
        self.twice = []

    async def __call__(self, job, report=lambda percent, note="": None):
        if job.id in self.running:
            self.twice.append(job.id)
        run = (job.id, asyncio.get_running_loop().create_future())
        self._runs.add(run)
        self.started.append(job.id)
        self.most = max(self.most, len(self._runs))
        report(50, "half way")
        try:
            return await run[1]
        except asyncio.CancelledError:
            await asyncio.sleep(self.stopping)
            raise
        finally:
            self._runs.discard(run)

    @property
    def running(self):
        """What ends each job that runs now."""
        return dict(self._runs)

    def end(self, job_id, error=None):
        """Let a running job return its ID, or raise ``error``."""
        if error is None:
            self.running[job_id].set_result(job_id)
        else:
            self.running[job_id].set_exception(error)

    def end_all(self):
        for job_id in tuple(self.running):
            self.end(job_id)


def start(loop, store, work, **options):
    """Return a manager for jobs of the type "quiz", whose clock is that of the loop."""
    options = {"log": silent, "now": lambda: EPOCH + timedelta(seconds=loop.time())} | options
    return Manager.start(store, {"quiz": work}, Options(**options))


async def at_once(*calls):
    """Await all of them and return their results or exceptions."""
    return await asyncio.gather(*calls, return_exceptions=True)
