"""Generation jobs in PostgreSQL."""
import json
from datetime import datetime
from typing import Any, Dict, List, Optional

import asyncpg

from course_generator.domain.entities.generation_job import (
    ContentType,
    GenerationJob,
    JobStatus,
)


class CourseGeneratorDAO:
    """Every statement that touches the generation_jobs table."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def create(self, job: GenerationJob) -> None:
        """Insert a new job."""
        async with self._pool.acquire() as connection:
            await connection.execute(
                "INSERT INTO generation_jobs (id, course_id, content_type, parameters,"
                " requested_by, status, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                job.id,
                job.course_id,
                job.content_type.value,
                json.dumps(job.parameters),
                job.requested_by,
                job.status.value,
                job.created_at,
            )

    async def get_by_id(self, job_id: str) -> Optional[GenerationJob]:
        """One job, or None."""
        async with self._pool.acquire() as connection:
            row = await connection.fetchrow(
                "SELECT * FROM generation_jobs WHERE id = $1", job_id
            )
        return self._to_job(row) if row else None

    async def list_by_course(self, course_id: str) -> List[GenerationJob]:
        """All jobs of a course."""
        async with self._pool.acquire() as connection:
            rows = await connection.fetch(
                "SELECT * FROM generation_jobs WHERE course_id = $1", course_id
            )
        return [self._to_job(row) for row in rows]

    async def get_pending_jobs(self, limit: int) -> List[GenerationJob]:
        """The oldest jobs that wait."""
        async with self._pool.acquire() as connection:
            rows = await connection.fetch(
                "SELECT * FROM generation_jobs WHERE status = 'pending'"
                " ORDER BY created_at LIMIT $1",
                limit,
            )
        return [self._to_job(row) for row in rows]

    async def update(self, job: GenerationJob) -> None:
        """Write all mutable columns of a job."""
        async with self._pool.acquire() as connection:
            await connection.execute(
                "UPDATE generation_jobs SET status = $2, started_at = $3,"
                " completed_at = $4, retry_count = $5, error_message = $6 WHERE id = $1",
                job.id,
                job.status.value,
                job.started_at,
                job.completed_at,
                job.retry_count,
                job.error_message,
            )

    async def mark_running(self, job_id: str, now: datetime) -> bool:
        """Take a pending job; False if somebody else was faster."""
        return await self._execute_one(
            "UPDATE generation_jobs SET status = 'running', started_at = $2"
            " WHERE id = $1 AND status = 'pending'",
            job_id,
            now,
        )

    async def mark_completed(self, job_id: str, result: Dict[str, Any], now: datetime) -> bool:
        """Store the result of a job that is still running."""
        return await self._execute_one(
            "UPDATE generation_jobs SET status = 'completed', result = $2,"
            " completed_at = $3 WHERE id = $1 AND status = 'running'",
            job_id,
            json.dumps(result),
            now,
        )

    async def mark_failed(self, job_id: str, message: str, now: datetime) -> bool:
        """Record the failure of a job that is still running."""
        return await self._execute_one(
            "UPDATE generation_jobs SET status = 'failed', error_message = $2,"
            " completed_at = $3 WHERE id = $1 AND status = 'running'",
            job_id,
            message,
            now,
        )

    async def fail_running_before(self, started_before: datetime, message: str) -> int:
        """Fail every job that has been running since before the given time."""
        async with self._pool.acquire() as connection:
            tag = await connection.execute(
                "UPDATE generation_jobs SET status = 'failed', error_message = $2"
                " WHERE status = 'running' AND started_at < $1",
                started_before,
                message,
            )
        return int(tag.rsplit(" ", 1)[-1])

    async def queue_position(self, job_id: str) -> Optional[int]:
        """How many pending jobs are older than this one."""
        async with self._pool.acquire() as connection:
            return await connection.fetchval(
                "SELECT (SELECT count(*) FROM generation_jobs older"
                " WHERE older.status = 'pending' AND older.created_at < job.created_at)"
                " FROM generation_jobs job WHERE job.id = $1 AND job.status = 'pending'",
                job_id,
            )

    async def average_run_seconds(self, days: int) -> Optional[float]:
        """The mean run time of the jobs completed in the last days."""
        async with self._pool.acquire() as connection:
            return await connection.fetchval(
                "SELECT avg(extract(epoch FROM completed_at - started_at))"
                " FROM generation_jobs WHERE status = 'completed'"
                " AND completed_at > now() - make_interval(days => $1)",
                days,
            )

    async def count_by_status(self) -> Dict[str, int]:
        """How many jobs are in each state."""
        async with self._pool.acquire() as connection:
            rows = await connection.fetch(
                "SELECT status, count(*) AS jobs FROM generation_jobs GROUP BY status"
            )
        return {row["status"]: row["jobs"] for row in rows}

    async def delete_finished_before(self, cutoff: datetime) -> int:
        """Delete finished jobs; says how many."""
        async with self._pool.acquire() as connection:
            tag = await connection.execute(
                "DELETE FROM generation_jobs WHERE completed_at < $1", cutoff
            )
        return int(tag.rsplit(" ", 1)[-1])

    async def _execute_one(self, statement: str, *args: Any) -> bool:
        """Run a statement that changes one row or none."""
        async with self._pool.acquire() as connection:
            tag = await connection.execute(statement, *args)
        return tag.endswith(" 1")

    @staticmethod
    def _to_job(row: asyncpg.Record) -> GenerationJob:
        """A row as a job."""
        return GenerationJob(
            id=row["id"],
            course_id=row["course_id"],
            content_type=ContentType(row["content_type"]),
            parameters=json.loads(row["parameters"]),
            requested_by=row["requested_by"],
            status=JobStatus(row["status"]),
            created_at=row["created_at"],
            started_at=row["started_at"],
            completed_at=row["completed_at"],
            retry_count=row["retry_count"],
            error_message=row["error_message"],
            result=json.loads(row["result"]) if row["result"] else None,
        )
