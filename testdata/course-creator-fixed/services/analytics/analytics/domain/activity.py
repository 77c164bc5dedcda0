"""Student activity and what is computed from it."""
from dataclasses import dataclass, field
from datetime import datetime
from typing import Dict, List


@dataclass(frozen=True)
class ActivityEvent:
    """One thing a student did."""

    student_id: str
    course_id: str
    kind: str
    occurred_at: datetime
    duration_seconds: float = 0.0


@dataclass
class EngagementReport:
    """How a student is doing in a course."""

    student_id: str
    course_id: str
    active_days: int = 0
    minutes_spent: float = 0.0
    events_by_kind: Dict[str, int] = field(default_factory=dict)
    warnings: List[str] = field(default_factory=list)

    def at_risk(self) -> bool:
        """Whether an instructor should have a look."""
        return self.active_days < 2 or bool(self.warnings)
