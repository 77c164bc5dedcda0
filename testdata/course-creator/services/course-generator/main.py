"""Course generator service."""
import asyncio
import contextlib
import logging
from typing import AsyncIterator

import asyncpg
import httpx
from fastapi import FastAPI

from ai.client import AIClient
from ai.rag_client import RAGClient
from ai.service import AIService
from config import load_settings
from course_generator.api.job_routes import router
from course_generator.application.services.job_management_service import (
    JobManagementService,
)
from course_generator.data_access.course_generator_dao import CourseGeneratorDAO

logger = logging.getLogger(__name__)


async def poll_queue(service: JobManagementService, interval: float) -> None:
    """Take jobs from the queue that other processes have recorded."""
    while True:
        try:
            await service.process_job_queue()
        except Exception:
            logger.exception("Polling the job queue failed")
        await asyncio.sleep(interval)


@contextlib.asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Make the services at startup, drain them at shutdown."""
    settings = load_settings()
    pool = await asyncpg.create_pool(settings.database_dsn)
    ai_http = httpx.AsyncClient(base_url=settings.ai_base_url, timeout=120)
    rag_http = httpx.AsyncClient(base_url=settings.rag_base_url, timeout=10)

    ai_service = AIService(AIClient(ai_http, settings.ai_model), RAGClient(rag_http))
    job_service = JobManagementService(CourseGeneratorDAO(pool), ai_service)
    await job_service.recover_interrupted_jobs()
    app.state.job_service = job_service

    poller = asyncio.create_task(poll_queue(job_service, settings.queue_poll_seconds))
    try:
        yield
    finally:
        poller.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await poller
        await job_service.shutdown()
        await ai_service.wait_for_background_tasks()
        await ai_http.aclose()
        await rag_http.aclose()
        await pool.close()


app = FastAPI(title="Course Generator", lifespan=lifespan)
app.include_router(router)


@app.get("/health")
async def health() -> dict:
    """Liveness probe."""
    return {"status": "ok", "service": "course-generator"}
