"""The generation job and its states."""
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, Dict, Optional


class JobStatus(Enum):
    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class ContentType(Enum):
    SYLLABUS = "syllabus"
    SLIDES = "slides"
    QUIZ = "quiz"
    EXERCISES = "exercises"


@dataclass
class GenerationJob:
    """One request for generated content, as recorded in the database."""

    id: str
    course_id: str
    content_type: ContentType
    parameters: Dict[str, Any]
    requested_by: str
    status: JobStatus
    created_at: datetime
    started_at: Optional[datetime] = None
    completed_at: Optional[datetime] = None
    retry_count: int = 0
    error_message: Optional[str] = None
    result: Optional[Dict[str, Any]] = field(default=None, repr=False)

    def elapsed(self, now: datetime) -> float:
        """Seconds since the job was started."""
        if self.started_at is None:
            return 0.0
        return (now - self.started_at).total_seconds()
