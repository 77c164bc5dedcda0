"""Learning analytics: engagement of students, courses at a glance."""
import asyncio
import logging
from collections import Counter
from datetime import datetime, timedelta
from typing import Any, Dict, List

from analytics.data_access.analytics_dao import AnalyticsDAO
from analytics.domain.activity import ActivityEvent, EngagementReport
from analytics.infrastructure.report_cache import ReportCache

logger = logging.getLogger(__name__)

PARALLEL_REPORTS = 8


class LearningAnalyticsService:
    """Computes reports; what is expensive is cached for a while."""

    def __init__(self, dao: AnalyticsDAO, cache: ReportCache) -> None:
        self._dao = dao
        self._cache = cache

    async def engagement(
        self, student_id: str, course_id: str, days: int = 14
    ) -> EngagementReport:
        """How a student has been doing lately."""
        since = datetime.utcnow() - timedelta(days=days)
        events = await self._dao.events_since(student_id, course_id, since)
        report = self._summarise(student_id, course_id, events)
        if events and events[-1].occurred_at < datetime.utcnow() - timedelta(days=5):
            report.warnings.append("No activity for five days")
        return report

    async def course_overview(self, course_id: str) -> Dict[str, Any]:
        """The whole course, computed at most once per hour."""
        return await self._cache.get_or_compute(
            course_id, lambda: self._compute_overview(course_id)
        )

    async def compare(self, course_ids: List[str]) -> Dict[str, Dict[str, Any]]:
        """Several courses side by side, fetched at the same time."""
        overviews = await asyncio.gather(
            *(self.course_overview(course_id) for course_id in course_ids)
        )
        return dict(zip(course_ids, overviews))

    async def _compute_overview(self, course_id: str) -> Dict[str, Any]:
        """Reports of all students, a few at a time."""
        students = await self._dao.students_of(course_id)
        slots = asyncio.Semaphore(PARALLEL_REPORTS)
        reports: List[EngagementReport] = []

        async def collect(student_id: str) -> None:
            async with slots:
                report = await self.engagement(student_id, course_id)
            reports.append(report)

        async with asyncio.TaskGroup() as group:
            for student_id in students:
                group.create_task(collect(student_id))

        total_minutes = sum(report.minutes_spent for report in reports)
        logger.info("Computed the overview of course %s", course_id)
        return {
            "course_id": course_id,
            "students": len(reports),
            "at_risk": sorted(r.student_id for r in reports if r.at_risk()),
            "average_minutes": total_minutes / len(reports) if reports else 0.0,
        }

    @staticmethod
    def _summarise(
        student_id: str, course_id: str, events: List[ActivityEvent]
    ) -> EngagementReport:
        """Counts and sums; no input or output."""
        return EngagementReport(
            student_id=student_id,
            course_id=course_id,
            active_days=len({event.occurred_at.date() for event in events}),
            minutes_spent=sum(event.duration_seconds for event in events) / 60,
            events_by_kind=dict(Counter(event.kind for event in events)),
        )
