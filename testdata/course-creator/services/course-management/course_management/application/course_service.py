"""Use cases around courses."""
import logging
import uuid
from typing import Callable, List

from course_management.data_access.course_dao import CourseDAO
from course_management.domain.course import Course, CourseState

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 3


class CourseNotFound(LookupError):
    """There is no such course."""


class ConcurrentChange(RuntimeError):
    """Others keep changing the course; the caller should try again later."""


class CourseService:
    """Courses are changed by optimistic locking: read, change, write if unchanged."""

    def __init__(self, dao: CourseDAO) -> None:
        self._dao = dao

    async def create(self, title: str, instructor_id: str) -> Course:
        """Create a draft."""
        course = Course(str(uuid.uuid4()), title, instructor_id, CourseState.DRAFT, 1)
        await self._dao.insert(course)
        return course

    async def publish(self, course_id: str) -> Course:
        """Make a draft visible to students."""
        return await self._change(course_id, Course.published)

    async def retitle(self, course_id: str, title: str) -> Course:
        """Give a course another title."""
        return await self._change(course_id, lambda course: course.retitled(title))

    async def catalogue(self, limit: int = 100) -> List[Course]:
        """The courses that students can see."""
        return await self._dao.published(limit)

    async def enroll(self, course_id: str, student_id: str) -> bool:
        """Enroll a student; False if the course is full or not published."""
        enrolled = await self._dao.enroll(course_id, student_id)
        logger.info("Student %s, course %s: %s", student_id, course_id, enrolled)
        return enrolled

    async def _change(self, course_id: str, change: Callable[[Course], Course]) -> Course:
        """Apply a change to the newest version, again if it was overtaken."""
        for _ in range(MAX_ATTEMPTS):
            course = await self._dao.find(course_id)
            if course is None:
                raise CourseNotFound(course_id)
            changed = change(course)
            if await self._dao.update_version(changed):
                return changed
        raise ConcurrentChange(course_id)
