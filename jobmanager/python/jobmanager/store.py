"""Where the records are kept: the contract, and SQLite."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, TypeVar

from .job import ConflictError, ExistsError, Job, NotFoundError, Priority, Status

T = TypeVar("T")


class Store(Protocol):
    """Keeps the records. Every method is one atomic step, and a record changes in one way only: by ``compare_and_set``
    against the version that was read. A call that is cancelled may still take effect.
    """

    async def insert(self, job: Job) -> None:
        """Add a record at version 1, or raise ExistsError."""

    async def get(self, job_id: str) -> Job:
        """Return a snapshot, or raise NotFoundError."""

    async def compare_and_set(self, job: Job) -> Job:
        """Replace the record if its version is still ``job.version`` and return it with its new version; else, also if
        it is gone, raise ConflictError and change nothing.
        """

    async def due(self, now: datetime, limit: int) -> Sequence[Job]:
        """Return the first pending jobs whose time has come: by priority, then by age."""

    async def expired(self, now: datetime) -> Sequence[Job]:
        """Return the running jobs whose lease has run out."""

    async def retryable(self, limit: int) -> Sequence[Job]:
        """Return the failed jobs that were started at most ``limit`` times."""

    async def counts(self) -> dict[Status, int]:
        """Return how many jobs have each status."""

    async def delete_finished(self, before: datetime) -> int:
        """Remove the jobs that ended before that time and return their number."""


# The same table as that of the Go package. The times are microseconds since 1970, 0 for none.
_SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
	id           TEXT   PRIMARY KEY,
	content_type TEXT   NOT NULL,
	course_id    TEXT   NOT NULL,
	parameters   TEXT   NOT NULL,
	priority     BIGINT NOT NULL,
	not_before   BIGINT NOT NULL,
	status       TEXT   NOT NULL,
	attempts     BIGINT NOT NULL,
	owner        TEXT   NOT NULL,
	lease_until  BIGINT NOT NULL,
	progress     BIGINT NOT NULL,
	note         TEXT   NOT NULL,
	result       TEXT   NOT NULL,
	error        TEXT   NOT NULL,
	created_at   BIGINT NOT NULL,
	started_at   BIGINT NOT NULL,
	finished_at  BIGINT NOT NULL,
	version      BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS jobs_queue ON jobs (status, priority DESC, created_at, id);
"""

_COLUMNS = tuple(field.name for field in fields(Job))
_INSERT = (
    f"INSERT INTO jobs ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))}) ON CONFLICT (id) DO NOTHING"
)
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM jobs WHERE "
# The compare-and-set: the version is tested and raised by the one statement that writes.
_UPDATE = f"UPDATE jobs SET {', '.join(f'{column} = ?' for column in _COLUMNS)} WHERE id = ? AND version = ?"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TIMES = {"not_before", "lease_until", "created_at", "started_at", "finished_at"}
_JSON = {"parameters", "result"}


def _micros(moment: datetime | None) -> int:
    return 0 if moment is None else (moment - _EPOCH) // timedelta(microseconds=1)


def _moment(micros: int) -> datetime | None:
    return None if micros == 0 else _EPOCH + timedelta(microseconds=micros)


def _row(job: Job) -> list[Any]:
    row: list[Any] = []
    for column in _COLUMNS:
        value = getattr(job, column)
        if column in _TIMES:
            value = _micros(value)
        elif column in _JSON:
            value = "" if value is None else json.dumps(value)
        row.append(value)
    return row


def _job(row: Sequence[Any]) -> Job:
    values = dict(zip(_COLUMNS, row, strict=True))
    for column in _TIMES:
        values[column] = _moment(values[column])
    for column in _JSON:
        values[column] = json.loads(values[column]) if values[column] else None
    values["status"], values["priority"] = Status(values["status"]), Priority(values["priority"])
    return Job(**values)


class SQLiteStore:
    """A Store in a file. One thread of its own does all the work, in the order of the calls, so the event loop never
    waits for the disk and the connection is never shared.
    """

    def __init__(self, thread: ThreadPoolExecutor, connection: sqlite3.Connection) -> None:
        self._thread = thread
        self._connection = connection

    @classmethod
    async def open(cls, path: str, *, synchronous: str = "FULL") -> SQLiteStore:
        """Open the database file, made if need be. A commit survives the death of the process; it survives a power cut
        too, unless ``synchronous`` is NORMAL, which is faster.
        """

        def connect() -> sqlite3.Connection:
            # No isolation level: every statement is a transaction of its own, and no more is needed.
            connection = sqlite3.connect(path, timeout=10, isolation_level=None)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(f"PRAGMA synchronous = {synchronous}")
            connection.executescript(_SCHEMA)
            return connection

        thread = ThreadPoolExecutor(1, "jobs-sqlite")
        try:
            return cls(thread, await asyncio.get_running_loop().run_in_executor(thread, connect))
        except BaseException:
            thread.shutdown(wait=False)
            raise

    async def close(self) -> None:
        """Close the file, after the calls that are under way."""
        await self._call(lambda connection: connection.close())
        self._thread.shutdown()

    async def _call(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, self._connection)

    async def _query(self, where: str, *args: Any) -> list[Job]:
        rows = await self._call(lambda connection: connection.execute(_SELECT + where, args).fetchall())
        return [_job(row) for row in rows]

    async def _execute(self, statement: str, args: Sequence[Any]) -> int:
        return await self._call(lambda connection: connection.execute(statement, args).rowcount)

    async def insert(self, job: Job) -> None:
        """Implement Store."""
        if await self._execute(_INSERT, _row(replace(job, version=1))) == 0:
            raise ExistsError(f"job {job.id} exists: use another ID, or none to have one made")

    async def get(self, job_id: str) -> Job:
        """Implement Store."""
        for job in await self._query("id = ?", job_id):
            return job
        raise NotFoundError(f"there is no job {job_id}")

    async def compare_and_set(self, job: Job) -> Job:
        """Implement Store."""
        stored = replace(job, version=job.version + 1)
        if await self._execute(_UPDATE, [*_row(stored), job.id, job.version]) == 0:
            raise ConflictError(f"job {job.id} is no longer at version {job.version}")
        return stored

    async def due(self, now: datetime, limit: int) -> list[Job]:
        """Implement Store."""
        where = "status = ? AND not_before <= ? ORDER BY priority DESC, created_at, id LIMIT ?"
        return await self._query(where, Status.PENDING, _micros(now), limit)

    async def expired(self, now: datetime) -> list[Job]:
        """Implement Store."""
        return await self._query("status = ? AND lease_until <= ?", Status.RUNNING, _micros(now))

    async def retryable(self, limit: int) -> list[Job]:
        """Implement Store."""
        return await self._query("status = ? AND attempts <= ?", Status.FAILED, limit)

    async def counts(self) -> dict[Status, int]:
        """Implement Store."""
        rows = await self._call(
            lambda connection: connection.execute("SELECT status, COUNT(*) FROM jobs GROUP BY status").fetchall()
        )
        return {Status(status): n for status, n in rows}

    async def delete_finished(self, before: datetime) -> int:
        """Implement Store. One statement finds and removes, so a job that is retried meanwhile stays."""
        ends = (Status.COMPLETED, Status.FAILED, Status.CANCELLED)
        return await self._execute(
            "DELETE FROM jobs WHERE status IN (?, ?, ?) AND finished_at < ?", [*ends, _micros(before)]
        )
