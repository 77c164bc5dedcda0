"""The job service as the routes see it."""
from abc import ABC, abstractmethod
from typing import Any, Dict, Optional

from course_generator.domain.entities.generation_job import ContentType, GenerationJob


class IJobManagementService(ABC):
    """Creates, cancels and retries generation jobs."""

    @abstractmethod
    async def create_job(
        self,
        course_id: str,
        content_type: ContentType,
        parameters: Dict[str, Any],
        requested_by: str,
    ) -> GenerationJob:
        """Record a job and start it when there is capacity."""

    @abstractmethod
    async def get_job_status(self, job_id: str) -> Dict[str, Any]:
        """The state of one job."""

    @abstractmethod
    async def cancel_job(self, job_id: str, reason: Optional[str] = None) -> bool:
        """Cancel a job that is not over yet."""

    @abstractmethod
    async def retry_failed_job(self, job_id: str) -> bool:
        """Queue a failed job again."""
