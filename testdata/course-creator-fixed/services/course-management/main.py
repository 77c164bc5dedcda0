"""Course management service."""
import contextlib
import os
from typing import Any, AsyncIterator, Dict, List

import asyncpg
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

from course_management.application.course_service import (
    ConcurrentChange,
    CourseNotFound,
    CourseService,
)
from course_management.data_access.course_dao import CourseDAO
from course_management.domain.course import InvalidTransition


class CreateBody(BaseModel):
    title: str
    instructor_id: str


@contextlib.asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Connect at startup, disconnect at shutdown."""
    async with asyncpg.create_pool(os.environ.get("COURSE_DATABASE_URL")) as pool:
        app.state.courses = CourseService(CourseDAO(pool))
        yield


app = FastAPI(title="Course Management", lifespan=lifespan)


@app.post("/api/v1/courses", status_code=201)
async def create(body: CreateBody) -> Dict[str, str]:
    """Create a draft."""
    course = await app.state.courses.create(body.title, body.instructor_id)
    return {"id": course.id}


@app.get("/api/v1/courses")
async def catalogue() -> List[Dict[str, Any]]:
    """The courses that students can see."""
    courses = await app.state.courses.catalogue()
    return [{"id": course.id, "title": course.title} for course in courses]


@app.post("/api/v1/courses/{course_id}/publish")
async def publish(course_id: str) -> Dict[str, str]:
    """Make a draft visible."""
    try:
        course = await app.state.courses.publish(course_id)
    except CourseNotFound as error:
        raise HTTPException(status_code=404, detail="No such course") from error
    except (ConcurrentChange, InvalidTransition) as error:
        raise HTTPException(status_code=409, detail=str(error)) from error
    return {"state": course.state.value}


@app.post("/api/v1/courses/{course_id}/enrollments")
async def enroll(course_id: str, student_id: str) -> Dict[str, bool]:
    """Enroll a student."""
    return {"enrolled": await app.state.courses.enroll(course_id, student_id)}
