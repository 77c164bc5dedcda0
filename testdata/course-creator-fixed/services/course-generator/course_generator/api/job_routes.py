"""HTTP interface of the job service."""
from typing import Any, Dict, List, Optional

from fastapi import APIRouter, Depends, HTTPException, Request
from pydantic import BaseModel, Field

from course_generator.application.services.job_management_service import (
    JobManagementService,
)
from course_generator.domain.entities.generation_job import ContentType, JobStatus

router = APIRouter(prefix="/api/v1/jobs", tags=["jobs"])


class CreateJobRequest(BaseModel):
    course_id: str
    content_type: ContentType
    parameters: Dict[str, Any] = Field(default_factory=dict)
    requested_by: str


class CancelJobRequest(BaseModel):
    reason: Optional[str] = None


async def get_job_service(request: Request) -> JobManagementService:
    """The one job service of this process, made at startup."""
    return request.app.state.job_service


@router.post("", status_code=202)
async def create_job(
    body: CreateJobRequest,
    service: JobManagementService = Depends(get_job_service),
) -> Dict[str, str]:
    """Accept a generation request."""
    try:
        job = await service.create_job(
            body.course_id, body.content_type, body.parameters, body.requested_by
        )
    except ValueError as error:
        raise HTTPException(status_code=422, detail=str(error)) from error
    return {"job_id": job.id, "status": job.status.value}


@router.get("")
async def list_jobs(
    course_id: str,
    status: Optional[JobStatus] = None,
    service: JobManagementService = Depends(get_job_service),
) -> List[Dict[str, Any]]:
    """Jobs of a course."""
    jobs = await service.list_jobs(course_id, status)
    return [{"job_id": job.id, "status": job.status.value} for job in jobs]


@router.get("/statistics")
async def statistics(
    service: JobManagementService = Depends(get_job_service),
) -> Dict[str, Any]:
    """Counts for the operations dashboard."""
    return await service.get_statistics()


@router.get("/{job_id}")
async def job_status(
    job_id: str, service: JobManagementService = Depends(get_job_service)
) -> Dict[str, Any]:
    """State of one job."""
    try:
        return await service.get_job_status(job_id)
    except ValueError as error:
        raise HTTPException(status_code=404, detail=str(error)) from error


@router.get("/{job_id}/result")
async def job_result(
    job_id: str, service: JobManagementService = Depends(get_job_service)
) -> Dict[str, Any]:
    """The generated content."""
    result = await service.get_job_result(job_id)
    if result is None:
        raise HTTPException(status_code=404, detail="No result yet")
    return result


@router.post("/{job_id}/cancel")
async def cancel_job(
    job_id: str,
    body: CancelJobRequest,
    service: JobManagementService = Depends(get_job_service),
) -> Dict[str, bool]:
    """Cancel a job."""
    try:
        return {"cancelled": await service.cancel_job(job_id, body.reason)}
    except ValueError as error:
        raise HTTPException(status_code=404, detail=str(error)) from error


@router.post("/{job_id}/retry")
async def retry_job(
    job_id: str, service: JobManagementService = Depends(get_job_service)
) -> Dict[str, bool]:
    """Queue a failed job again."""
    try:
        return {"queued": await service.retry_failed_job(job_id)}
    except ValueError as error:
        raise HTTPException(status_code=404, detail=str(error)) from error
