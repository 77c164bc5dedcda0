"""Activity events in PostgreSQL."""
from datetime import datetime
from typing import List, Sequence

import asyncpg

from analytics.domain.activity import ActivityEvent


class AnalyticsDAO:
    """Every statement that touches the activity tables."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def insert_events(self, events: Sequence[ActivityEvent]) -> None:
        """Store a batch of events."""
        await self._pool.executemany(
            "INSERT INTO activity (student_id, course_id, kind, occurred_at, duration)"
            " VALUES ($1, $2, $3, $4, $5)",
            [
                (e.student_id, e.course_id, e.kind, e.occurred_at, e.duration_seconds)
                for e in events
            ],
        )

    async def events_since(
        self, student_id: str, course_id: str, since: datetime
    ) -> List[ActivityEvent]:
        """A student's events in a course, oldest first."""
        rows = await self._pool.fetch(
            "SELECT * FROM activity WHERE student_id = $1 AND course_id = $2"
            " AND occurred_at >= $3 ORDER BY occurred_at",
            student_id,
            course_id,
            since,
        )
        return [
            ActivityEvent(
                row["student_id"],
                row["course_id"],
                row["kind"],
                row["occurred_at"],
                row["duration"],
            )
            for row in rows
        ]

    async def students_of(self, course_id: str) -> List[str]:
        """Everybody who ever did something in a course."""
        rows = await self._pool.fetch(
            "SELECT DISTINCT student_id FROM activity WHERE course_id = $1", course_id
        )
        return [row["student_id"] for row in rows]
