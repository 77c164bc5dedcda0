"""Analytics service."""
import contextlib
import os
from datetime import datetime
from typing import Any, AsyncIterator, Dict

import asyncpg
from fastapi import FastAPI
from pydantic import BaseModel

from analytics.application.services.learning_analytics_service import (
    LearningAnalyticsService,
)
from analytics.data_access.analytics_dao import AnalyticsDAO
from analytics.domain.activity import ActivityEvent
from analytics.infrastructure.event_buffer import EventBuffer
from analytics.infrastructure.report_cache import ReportCache


class EventBody(BaseModel):
    student_id: str
    course_id: str
    kind: str
    duration_seconds: float = 0.0


@contextlib.asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Start the buffer, and empty it before the pool is closed."""
    pool = await asyncpg.create_pool(os.environ.get("ANALYTICS_DATABASE_URL"))
    dao = AnalyticsDAO(pool)
    app.state.events = EventBuffer(dao)
    app.state.analytics = LearningAnalyticsService(dao, ReportCache())
    await app.state.events.start()
    yield
    await app.state.events.stop()
    await pool.close()


app = FastAPI(title="Analytics", lifespan=lifespan)


@app.post("/api/v1/events", status_code=202)
async def record_event(body: EventBody) -> Dict[str, bool]:
    """Remember what a student did."""
    app.state.events.add(
        ActivityEvent(
            body.student_id,
            body.course_id,
            body.kind,
            datetime.utcnow(),
            body.duration_seconds,
        )
    )
    return {"accepted": True}


@app.get("/api/v1/courses/{course_id}/overview")
async def course_overview(course_id: str) -> Dict[str, Any]:
    """A course at a glance."""
    return await app.state.analytics.course_overview(course_id)


@app.get("/api/v1/courses/{course_id}/students/{student_id}")
async def engagement(course_id: str, student_id: str) -> Dict[str, Any]:
    """How a student is doing."""
    report = await app.state.analytics.engagement(student_id, course_id)
    return {"minutes": report.minutes_spent, "at_risk": report.at_risk()}
