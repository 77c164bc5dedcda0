"""The job manager."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from .job import ConflictError, Job, LostError, NotFoundError, Priority, RetryLimitError, Status, TransitionError
from .job import UnknownTypeError
from .reservations import Active, Full, Reservations, Run, Stop
from .store import Store
from .tasks import ClosedError, Group


class Report(Protocol):
    """Tells how far a handler has come."""

    def __call__(self, percent: int, note: str = "") -> None: ...


# Does the work of one kind of job and returns its result, which must be fit for JSON. It must end soon after it is
# cancelled (by a cancel, the timeout, a shutdown, a lost lease): until then it keeps its slot. It may be run again for
# a job that it has done before, so it must be safe to repeat.
Handler = Callable[[Job, Report], Awaitable[Any]]


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Options:
    """The settings of a manager. Durations are in seconds."""

    capacity: int = 5  # jobs that run at once
    timeout: float = 30 * 60  # for one attempt
    retry_limit: int = 3  # attempts after the first
    lease: float = 60  # after which a silent owner is taken for dead, renewed at every third
    poll: float = 1  # how often to look for scheduled and abandoned jobs
    log: logging.Logger = field(default_factory=lambda: logging.getLogger("jobmanager"))
    now: Callable[[], datetime] = _utc_now


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A job as it was at one moment."""

    job: Job
    is_running: bool  # by an owner whose lease is good
    running_for: float  # seconds since the start of this attempt


@dataclass(frozen=True, slots=True)
class Statistics:
    """Counts the jobs in the store, and those that this manager runs."""

    by_status: dict[Status, int]
    active: int
    capacity: int


class Manager:
    """Runs jobs. Make one with ``start`` and shut it down before closing its store."""

    def __init__(self, store: Store, handlers: Mapping[str, Handler], options: Options) -> None:
        self._store = store
        self._handlers = handlers
        self._options = options
        self._owner = secrets.token_hex(16)  # of our leases: new for each manager, so that a restart is somebody else
        self._tasks = Group(options.log)
        self._active = Reservations(options.capacity)
        self._wake = asyncio.Event()

    @classmethod
    def start(cls, store: Store, handlers: Mapping[str, Handler], options: Options | None = None) -> Manager:
        """Return a manager that processes the queue of ``store``, beginning with what an earlier one left behind. The
        handlers are found by content type. It must be called on the event loop that it is to work on.
        """
        manager = cls(store, handlers, options or Options())
        manager._tasks.start("job queue", manager._loop)
        return manager

    async def create(
        self,
        content_type: str,
        *,
        job_id: str | None = None,
        course_id: str = "",
        parameters: Any = None,
        priority: Priority = Priority.NORMAL,
        not_before: datetime | None = None,
    ) -> Job:
        """Store a job and queue it: for at once, or for its scheduled time. Of several creations with one ID, exactly
        one succeeds; the others raise ExistsError.
        """
        if content_type not in self._handlers:
            raise UnknownTypeError(f"no handler for the content type {content_type!r}: pass one to start")
        job = Job(
            id=job_id or secrets.token_hex(16),
            content_type=content_type,
            created_at=self._options.now(),
            course_id=course_id,
            parameters=parameters,
            priority=priority,
            not_before=not_before,
        )
        with self._tasks.enter():
            await self._store.insert(job)
            self._wake.set()
        return job

    async def queue(self, job_id: str) -> None:
        """Let a pending job start without waiting for its scheduled time. Queueing a job twice is no error and starts it
        once.
        """
        await self._requeue(job_id, lambda job: job.queue(self._options.now()))

    async def retry(self, job_id: str) -> None:
        """Queue a failed job again, or raise RetryLimitError."""
        await self._requeue(job_id, lambda job: job.retry(self._options.retry_limit))

    async def _requeue(self, job_id: str, decide: Callable[[Job], Job]) -> None:
        with self._tasks.enter():
            await self._update(await self._store.get(job_id), decide)
            self._wake.set()

    async def retry_failed(self) -> int:
        """Queue every failed job below the retry limit again and return how many."""
        retried = 0
        for job in await self._store.retryable(self._options.retry_limit):
            try:
                await self.retry(job.id)
                retried += 1
            except (TransitionError, RetryLimitError, NotFoundError):
                continue  # somebody else retried it, or cleaned it up, since the list was read
        return retried

    async def cancel(self, job_id: str, reason: str = "") -> None:
        """End a pending or running job for good. If the job has ended before, also if that happens just now, change
        nothing and raise a TransitionError that names the status which won. The handler of a running job is told to
        stop; it keeps its slot until it does, and its result is dropped.
        """
        run: Run | None = None

        def decide(job: Job) -> Job:
            # The run is looked up between reading the record and changing it. If the change succeeds, the record said
            # "running" all that time, so this is the run it spoke of, and not a later one.
            nonlocal run
            run = self._active.of(job_id)
            return job.cancel(reason, self._options.now())

        await self._update(await self._store.get(job_id), decide)
        if run is not None:
            run.stop(Stop.CANCELLED)

    async def status(self, job_id: str) -> Snapshot:
        """Return a job as it is now, with the progress its handler reported last."""
        job = await self._store.get(job_id)
        now = self._options.now()
        running = job.status is Status.RUNNING and job.lease_until is not None and job.lease_until > now
        elapsed = (now - job.started_at).total_seconds() if running and job.started_at is not None else 0.0
        run = self._active.of(job_id)
        if run is not None and job.owner == self._owner:
            job = run.show_progress(job)
        return Snapshot(job, running, elapsed)

    async def statistics(self) -> Statistics:
        """Count the jobs."""
        return Statistics(await self._store.counts(), len(self._active), self._options.capacity)

    async def clean_up(self, age: float) -> int:
        """Remove the jobs that ended more than ``age`` seconds ago and return how many."""
        return await self._store.delete_finished(self._options.now() - timedelta(seconds=age))

    async def shutdown(self, grace: float) -> bool:
        """Stop intake and wait for the running jobs. After ``grace`` seconds, cancel them, wait for that too, and return
        False; they are pending again for the next start. Afterwards the manager does not touch the store any more,
        except for the callers of status, cancel, statistics and clean_up.
        """
        self._tasks.close()
        self._wake.set()
        if await self._tasks.drain(grace):
            return True
        self._active.stop_all(Stop.SHUTDOWN)
        await self._tasks.drain()
        return False

    async def process_queue(self) -> int:
        """Start due jobs by priority, then age, until none is left or every slot is taken, and return how many. The
        manager calls it by itself whenever a job comes or a slot becomes free. It may be called at any time, also
        several times at once.
        """
        started = 0
        with self._tasks.enter():
            # As many as there are slots are enough: those among them that are being started already hold a slot.
            for job in await self._store.due(self._options.now(), self._options.capacity):
                try:
                    self._start(job)
                    started += 1
                except Active:
                    continue  # another call was faster, or an earlier run of the job is still stopping
                except Full:
                    break
        return started

    def _start(self, job: Job) -> None:
        """Reserve the job and a slot and hand both to a task, which gives them back itself. The first await comes after
        that, in the task: whatever others read meanwhile, nobody can reserve the job a second time.
        """
        run = Run(job.id)
        self._active.take(run)
        try:
            self._tasks.start(f"job {job.id}", self._run, run, job)
        except ClosedError:
            self._active.release(run)
            raise

    async def _run(self, run: Run, job: Job) -> None:
        try:
            await self._execute(run, job)
        finally:
            self._active.release(run)
        self._wake.set()  # not after an error: then the store is in trouble, and the next poll is soon enough

    async def _execute(self, run: Run, job: Job) -> None:
        """Claim the job, run its handler, keep the lease meanwhile, and record the end. A crash at any point leaves a job
        that is pending, or running with a lease that runs out, or finished.
        """
        try:
            leased = await self._record(job, lambda j: j.claim(self._owner, self._options.now(), self._lease_end()))
        except (TransitionError, NotFoundError):
            return  # cancelled, or another process has it
        handler = asyncio.create_task(self._handle(run, leased), name=f"handler of {job.id}")
        clock = asyncio.get_running_loop().time
        beat, deadline = self._options.lease / 3, clock() + self._options.timeout
        try:
            while not handler.done() and not run.stopping.done():
                patience = min(beat, deadline - clock())
                done, _ = await asyncio.wait({handler, run.stopping}, timeout=patience, return_when="FIRST_COMPLETED")
                if not done and clock() >= deadline:
                    run.stop(Stop.TIMEOUT)
                elif not done:
                    leased = await self._renew(run, leased)
            handler.cancel()
            while not handler.done():  # it is stopping, and holds the job until it has
                done, _ = await asyncio.wait({handler}, timeout=beat)
                if not done:
                    leased = await self._renew(run, leased)
        finally:
            handler.cancel()  # if this task itself is cancelled, as at the end of the loop, it leaves nothing behind
        await self._settle(run, leased, handler)

    async def _handle(self, run: Run, job: Job) -> Any:
        handler = self._handlers.get(job.content_type)
        if handler is None:
            raise UnknownTypeError(f"no handler for the content type {job.content_type!r}")
        result = await handler(job, lambda percent, note="": run.report(job.attempts, percent, note))
        json.dumps(result)  # what cannot be stored fails the job, not the record of its end
        return result

    async def _renew(self, run: Run, job: Job) -> Job:
        """Extend the lease and store the progress. Stop the run when the job is no longer ours: cancelled, taken over by
        somebody who thought us dead, or possibly so because the store cannot be reached to ask.
        """
        if run.stopped is Stop.LOST:
            return job
        try:
            return await self._record(
                job, lambda j: run.show_progress(self._ours(j, job.attempts)).renew(self._lease_end())
            )
        except (LostError, NotFoundError):
            run.stop(Stop.LOST)
        except Exception as error:
            self._options.log.warning("renew the lease of job %s, will try again: %s", job.id, error)
            if job.lease_until is None or job.lease_until <= self._options.now():
                run.stop(Stop.LOST)
        return job

    async def _settle(self, run: Run, job: Job, handler: asyncio.Task[Any]) -> None:
        """Record how the run ended. What the handler returned counts, not what was asked of it: a result that comes with
        the timeout or with a shutdown is a result. When a cancel was first, the result is dropped.
        """

        def decide(current: Job) -> Job:
            current, now = self._ours(current, job.attempts), self._options.now()
            error = asyncio.CancelledError("cancelled") if handler.cancelled() else handler.exception()
            if error is None:
                return current.complete(handler.result(), now)
            if run.stopped is Stop.SHUTDOWN:
                return current.give_back()
            if run.stopped is Stop.TIMEOUT:
                return current.fail(f"timed out after {self._options.timeout:g}s", now)
            return current.fail(str(error) or type(error).__name__, now)

        try:
            await self._record(job, decide)
        except (LostError, NotFoundError):
            self._options.log.info("result dropped: job %s, attempt %d, %s", job.id, job.attempts, run.stopped)

    def _ours(self, job: Job, attempt: int) -> Job:
        if not job.held_by(self._owner, attempt):
            raise LostError(job.id)
        return job

    def _lease_end(self) -> datetime:
        return self._options.now() + timedelta(seconds=self._options.lease)

    async def _loop(self) -> None:
        """Process the queue whenever there is a reason to, and take over abandoned jobs at every poll."""
        clock = asyncio.get_running_loop().time
        poll = clock()
        while not self._tasks.closed:
            self._wake.clear()  # before looking: what comes from now on wakes us again
            try:
                if clock() >= poll:
                    poll = clock() + self._options.poll
                    await self._reclaim()
                await self.process_queue()
            except ClosedError:
                return
            except Exception:
                self._options.log.exception("process the job queue, will try again")
            try:
                async with asyncio.timeout_at(poll):
                    await self._wake.wait()
            except TimeoutError:
                continue

    async def _reclaim(self) -> None:
        """Queue the jobs of owners that died, or fail those that were started too often."""
        for job in await self._store.expired(self._options.now()):
            try:
                await self._update(job, lambda j: j.reclaim(self._options.now(), self._options.retry_limit))
            except (LostError, NotFoundError):
                continue  # another process was faster

    async def _update(self, job: Job, decide: Callable[[Job], Job]) -> Job:
        """Change a record, in the only way there is: decide on what was read, compare and set, and when somebody else was
        faster, read again and decide again. Every round that fails is a round in which another one succeeded.
        """
        while True:
            try:
                return await self._store.compare_and_set(decide(job))
            except ConflictError:
                job = await self._store.get(job.id)

    async def _record(self, job: Job, decide: Callable[[Job], Job]) -> Job:
        """Change a record for a task, which must not wait for the store for ever."""
        async with asyncio.timeout(self._options.lease / 3):
            return await self._update(job, decide)
