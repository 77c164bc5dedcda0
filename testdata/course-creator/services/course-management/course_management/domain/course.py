"""Courses and enrollments."""
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Mapping


class CourseState(Enum):
    DRAFT = "draft"
    PUBLISHED = "published"
    ARCHIVED = "archived"


class InvalidTransition(ValueError):
    """The course cannot go from its state to the wanted one."""


@dataclass(frozen=True)
class Course:
    """A course as it was at one version."""

    id: str
    title: str
    instructor_id: str
    state: CourseState
    version: int

    def published(self) -> "Course":
        """The same course, visible to students."""
        if self.state is not CourseState.DRAFT:
            raise InvalidTransition(f"A {self.state.value} course cannot be published")
        return replace(self, state=CourseState.PUBLISHED)

    def retitled(self, title: str) -> "Course":
        """The same course under another title."""
        if not title.strip():
            raise ValueError("A course needs a title")
        return replace(self, title=title.strip())

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> "Course":
        return cls(
            id=row["id"],
            title=row["title"],
            instructor_id=row["instructor_id"],
            state=CourseState(row["state"]),
            version=row["version"],
        )
