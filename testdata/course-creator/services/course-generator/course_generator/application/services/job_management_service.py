"""Life cycle of content generation jobs: create, queue, run, cancel, retry."""
import asyncio
import logging
import uuid
from datetime import datetime, timedelta
from typing import Any, Awaitable, Callable, Dict, List, Optional

from course_generator.data_access.course_generator_dao import CourseGeneratorDAO
from course_generator.domain.entities.generation_job import (
    ContentType,
    GenerationJob,
    JobStatus,
)
from course_generator.domain.interfaces.ai_service import IAIService
from course_generator.domain.interfaces.job_service import IJobManagementService

logger = logging.getLogger(__name__)

JobProcessor = Callable[[GenerationJob], Awaitable[Dict[str, Any]]]


class JobManagementService(IJobManagementService):
    """
    Runs generation jobs in the background and answers questions about them.

    One instance lives for as long as the application does. The database holds
    the record of every job; this object holds the tasks of the jobs that are
    being worked on right now.
    """

    def __init__(self, dao: CourseGeneratorDAO, ai_service: IAIService):
        self._dao = dao
        self._ai_service = ai_service
        self._job_processors: Dict[ContentType, JobProcessor] = {}
        self._running_jobs: Dict[str, asyncio.Task] = {}
        self._max_concurrent_jobs = 5
        self._job_timeout_minutes = 30
        self._max_retries = 3
        self._register_default_processors()

    def _register_default_processors(self) -> None:
        """Wire each content type to the AI call that produces it.

        A new content type needs an entry here and a method on IAIService.
        """
        self._job_processors[ContentType.SYLLABUS] = self._process_syllabus_job
        self._job_processors[ContentType.SLIDES] = self._process_slides_job
        self._job_processors[ContentType.QUIZ] = self._process_quiz_job
        self._job_processors[ContentType.EXERCISES] = self._process_exercise_job

    async def create_job(
        self,
        course_id: str,
        content_type: ContentType,
        parameters: Dict[str, Any],
        requested_by: str,
    ) -> GenerationJob:
        """Record a new job and give the queue a chance to start it."""
        if content_type not in self._job_processors:
            raise ValueError(f"No processor for content type {content_type.value}")

        job = GenerationJob(
            id=str(uuid.uuid4()),
            course_id=course_id,
            content_type=content_type,
            parameters=dict(parameters),
            requested_by=requested_by,
            status=JobStatus.PENDING,
            created_at=datetime.utcnow(),
        )
        await self._dao.create(job)
        logger.info("Created %s job %s for course %s", content_type.value, job.id, course_id)

        await self.process_job_queue()
        return job

    async def list_jobs(
        self, course_id: str, status: Optional[JobStatus] = None
    ) -> List[GenerationJob]:
        """Jobs of one course, newest first."""
        jobs = await self._dao.list_by_course(course_id)
        if status is not None:
            jobs = [job for job in jobs if job.status == status]
        return sorted(jobs, key=lambda job: job.created_at, reverse=True)

    async def get_job_status(self, job_id: str) -> Dict[str, Any]:
        """Everything the job's status page shows."""
        job = await self._dao.get_by_id(job_id)
        if not job:
            raise ValueError(f"Job with ID {job_id} not found")

        status_info: Dict[str, Any] = {
            "job_id": job.id,
            "status": job.status.value,
            "content_type": job.content_type.value,
            "created_at": job.created_at,
            "started_at": job.started_at,
            "completed_at": job.completed_at,
            "retry_count": job.retry_count,
            "error_message": job.error_message,
            "is_running": False,
        }

        # The record may say "running" while no task of this process works on it
        if job.id in self._running_jobs:
            task = self._running_jobs[job.id]
            status_info["is_running"] = not task.done()

        if job.started_at and not job.completed_at:
            status_info["elapsed_seconds"] = job.elapsed(datetime.utcnow())
        return status_info

    async def cancel_job(self, job_id: str, reason: Optional[str] = None) -> bool:
        """Cancel a running or pending job"""
        logger.debug("Cancellation of job %s requested", job_id)
        job = await self._dao.get_by_id(job_id)
        if not job:
            raise ValueError(f"Job with ID {job_id} not found")

        if job.status in [JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED]:
            logger.info("Job %s is %s, nothing to cancel", job_id, job.status.value)
            return False

        # Cancel running task if exists
        if job_id in self._running_jobs:
            task = self._running_jobs[job_id]
            task.cancel()
            del self._running_jobs[job_id]

        # Update job status
        job.status = JobStatus.CANCELLED
        job.completed_at = datetime.utcnow()
        job.error_message = reason or "Job cancelled by user"

        await self._dao.update(job)
        logger.info("Job %s cancelled: %s", job_id, job.error_message)
        return True

    async def retry_failed_job(self, job_id: str) -> bool:
        """Put a failed or cancelled job back into the queue."""
        job = await self._dao.get_by_id(job_id)
        if not job:
            raise ValueError(f"Job with ID {job_id} not found")

        if job.status not in [JobStatus.FAILED, JobStatus.CANCELLED]:
            return False
        if job.retry_count >= self._max_retries:
            logger.warning("Job %s has used up its %d retries", job_id, self._max_retries)
            return False

        job.status = JobStatus.PENDING
        job.retry_count += 1
        job.started_at = None
        job.completed_at = None
        job.error_message = None

        await self._dao.update(job)
        logger.info("Job %s queued again, attempt %d", job_id, job.retry_count + 1)

        await self.process_job_queue()
        return True

    async def process_job_queue(self) -> int:
        """Start pending jobs until the capacity is used; says how many it took.

        Called when a job is created or retried, and every few seconds by the
        poller in main.py for jobs that other processes have recorded.
        """
        free_slots = self._max_concurrent_jobs - len(self._running_jobs)
        if free_slots <= 0:
            return 0

        pending_jobs = await self._dao.get_pending_jobs(limit=free_slots)
        for job in pending_jobs:
            await self._queue_job(job)

        if pending_jobs:
            logger.info("Took %d jobs from the queue", len(pending_jobs))
        return len(pending_jobs)

    async def get_job_result(self, job_id: str) -> Optional[Dict[str, Any]]:
        """The generated content of a completed job."""
        job = await self._dao.get_by_id(job_id)
        if job is None or job.status != JobStatus.COMPLETED:
            return None
        return job.result

    async def estimate_wait(self, job_id: str) -> Optional[timedelta]:
        """How long a pending job will probably wait, from recent run times.

        None if the job is not waiting, or if there is nothing to go by yet.
        """
        position = await self._dao.queue_position(job_id)
        if position is None:
            return None
        average_seconds = await self._dao.average_run_seconds(days=7)
        if average_seconds is None:
            return None
        rounds = position // self._max_concurrent_jobs + 1
        return timedelta(seconds=rounds * average_seconds)

    async def get_statistics(self) -> Dict[str, Any]:
        """Counts by status, plus what this process is busy with."""
        counts = await self._dao.count_by_status()
        finished = counts.get(JobStatus.COMPLETED.value, 0)
        failed = counts.get(JobStatus.FAILED.value, 0)
        total = sum(counts.values())

        return {
            "total": total,
            "by_status": counts,
            "success_rate": finished / (finished + failed) if finished + failed else None,
            "running_here": len(self._running_jobs),
            "capacity": self._max_concurrent_jobs,
        }

    async def cleanup_old_jobs(self, days_old: int = 30) -> int:
        """Delete finished jobs older than the given number of days."""
        if days_old < 1:
            raise ValueError("days_old must be at least 1")
        cutoff = datetime.utcnow() - timedelta(days=days_old)
        deleted = await self._dao.delete_finished_before(cutoff)
        logger.info("Deleted %d jobs finished before %s", deleted, cutoff.isoformat())
        return deleted

    async def recover_interrupted_jobs(self) -> int:
        """Fail the jobs that an earlier process left in the running state.

        Called once at startup, before the poller; nothing runs here yet.
        """
        interrupted = await self._dao.fail_running_before(
            datetime.utcnow() - timedelta(minutes=self._job_timeout_minutes),
            "Interrupted by a restart",
        )
        if interrupted:
            logger.warning("%d jobs were interrupted by a restart", interrupted)
        return interrupted

    async def shutdown(self) -> None:
        """Cancel what is running and wait until every task has unwound.

        Their records stay "running"; recover_interrupted_jobs picks them up.
        """
        tasks = list(self._running_jobs.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _queue_job(self, job: GenerationJob) -> None:
        """Queue a job for processing"""
        if job.id in self._running_jobs:
            return  # Job already running

        # Create processing task
        task = asyncio.create_task(self._process_job(job))
        self._running_jobs[job.id] = task

        # Set up task completion callback
        task.add_done_callback(lambda t: self._on_job_completed(job.id, t))

    async def _process_job(self, job: GenerationJob) -> None:
        """Run one job to its end and record the outcome.

        The status is changed by conditional updates only, so that a job that
        was cancelled or taken by another process in the meantime stays so.
        """
        if not await self._dao.mark_running(job.id, datetime.utcnow()):
            logger.info("Job %s is no longer pending, skipped", job.id)
            return

        timeout_seconds = self._job_timeout_minutes * 60
        processor = self._job_processors[job.content_type]
        try:
            result = await asyncio.wait_for(processor(job), timeout=timeout_seconds)
        except asyncio.TimeoutError:
            await self._dao.mark_failed(
                job.id,
                f"Timed out after {self._job_timeout_minutes} minutes",
                datetime.utcnow(),
            )
            logger.error("Job %s timed out", job.id)
        except asyncio.CancelledError:
            logger.info("Job %s was cancelled", job.id)
            raise
        except Exception as error:
            await self._dao.mark_failed(job.id, str(error), datetime.utcnow())
            logger.exception("Job %s failed", job.id)
        else:
            await self._dao.mark_completed(job.id, result, datetime.utcnow())
            logger.info("Job %s completed", job.id)

    async def _process_syllabus_job(self, job: GenerationJob) -> Dict[str, Any]:
        """Generate the syllabus of a course."""
        return await self._ai_service.generate_syllabus(job.parameters)

    async def _process_slides_job(self, job: GenerationJob) -> Dict[str, Any]:
        """Generate slides, one call per module, in the order of the syllabus."""
        modules = job.parameters.get("modules", [])
        slides: List[Dict[str, Any]] = []
        for module in modules:
            slides.extend(await self._ai_service.generate_slides(module))
        return {"slides": slides}

    async def _process_quiz_job(self, job: GenerationJob) -> Dict[str, Any]:
        """Generate a quiz for one module."""
        return await self._ai_service.generate_quiz(job.parameters)

    async def _process_exercise_job(self, job: GenerationJob) -> Dict[str, Any]:
        """Generate exercises and keep those the rubric accepts."""
        difficulty = job.parameters.get("difficulty", "intermediate")
        exercises = await self._ai_service.generate_exercises(job.parameters)
        accepted = [
            exercise
            for exercise in exercises
            if exercise.get("difficulty", difficulty) == difficulty
            and exercise.get("solution")
        ]
        if not accepted:
            raise ValueError("The model returned no exercise with a solution")
        return {"exercises": accepted, "rejected": len(exercises) - len(accepted)}

    def _on_job_completed(self, job_id: str, task: asyncio.Task) -> None:
        """Callback when job task is completed

        The outcome is in the database already; what arrives here as an
        exception was raised while recording it.
        """
        if not task.cancelled() and task.exception() is not None:
            logger.error("Task of job %s died: %r", job_id, task.exception())

        if job_id in self._running_jobs:
            del self._running_jobs[job_id]
