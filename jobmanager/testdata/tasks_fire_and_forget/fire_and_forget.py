"""Broken: the generator starts to learn from what it made and forgets about it. A failure is seen by nobody, and close
does not wait.
"""

import asyncio


class Generator:
    """Makes syllabuses."""

    def __init__(self, learn):
        self._learn = learn
        self._made = {}

    async def generate(self, course):
        """Make the syllabus of a course and learn from it."""
        syllabus = f"syllabus of {course}"
        self._made[course] = syllabus
        asyncio.create_task(self._learn(course))  # BAD: untrackedtask
        return syllabus

    async def close(self):
        """End the generator."""
        self._made.clear()
