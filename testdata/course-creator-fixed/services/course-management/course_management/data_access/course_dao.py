"""Courses and enrollments in PostgreSQL."""
from typing import List, Optional

import asyncpg

from course_management.domain.course import Course


class CourseDAO:
    """Every statement that touches courses and enrollments."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def find(self, course_id: str) -> Optional[Course]:
        """One course, or None."""
        row = await self._pool.fetchrow("SELECT * FROM courses WHERE id = $1", course_id)
        return Course.from_row(row) if row else None

    async def insert(self, course: Course) -> None:
        """Store a new course."""
        await self._pool.execute(
            "INSERT INTO courses (id, title, instructor_id, state, version)"
            " VALUES ($1, $2, $3, $4, 1)",
            course.id,
            course.title,
            course.instructor_id,
            course.state.value,
        )

    async def update_version(self, course: Course) -> bool:
        """Write a course back; False if it is no longer at the version read."""
        tag = await self._pool.execute(
            "UPDATE courses SET title = $3, state = $4, version = version + 1"
            " WHERE id = $1 AND version = $2",
            course.id,
            course.version,
            course.title,
            course.state.value,
        )
        return tag == "UPDATE 1"

    async def published(self, limit: int) -> List[Course]:
        """What the catalogue shows."""
        rows = await self._pool.fetch(
            "SELECT * FROM courses WHERE state = 'published' ORDER BY title LIMIT $1", limit
        )
        return [Course.from_row(row) for row in rows]

    async def enroll(self, course_id: str, student_id: str) -> bool:
        """Enroll a student while there is room, holding the course's row."""
        async with self._pool.acquire() as connection, connection.transaction():
            course = await connection.fetchrow(
                "SELECT capacity, enrolled FROM courses"
                " WHERE id = $1 AND state = 'published' FOR UPDATE",
                course_id,
            )
            if course is None or course["enrolled"] >= course["capacity"]:
                return False
            tag = await connection.execute(
                "INSERT INTO enrollments (course_id, student_id) VALUES ($1, $2)"
                " ON CONFLICT DO NOTHING",
                course_id,
                student_id,
            )
            if tag == "INSERT 0 1":
                await connection.execute(
                    "UPDATE courses SET enrolled = $2 WHERE id = $1",
                    course_id,
                    course["enrolled"] + 1,
                )
        return True
