"""Lab manager service."""
import asyncio
import contextlib
from typing import Any, AsyncIterator, Dict

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

from labs.dependencies import LabContainer
from labs.lifecycle_service import NoCapacity


class QuestionBody(BaseModel):
    student_id: str
    question: str
    code: str = ""


@contextlib.asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Reap idle labs for as long as the application lives."""
    container = LabContainer()
    app.state.container = container
    reaper = asyncio.create_task(container.lifecycle.reap())
    try:
        yield
    finally:
        reaper.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await reaper
        await container.close()


app = FastAPI(title="Lab Manager", lifespan=lifespan)


@app.post("/api/v1/labs/{course_id}/{student_id}")
async def start_lab(course_id: str, student_id: str) -> Dict[str, Any]:
    """Start a lab, or find the one that runs."""
    try:
        lab = await app.state.container.lifecycle.start(student_id, course_id)
    except NoCapacity as error:
        raise HTTPException(status_code=503, detail=str(error)) from error
    return {"port": lab.port, "ready": lab.container_id is not None}


@app.delete("/api/v1/labs/{course_id}/{student_id}")
async def stop_lab(course_id: str, student_id: str) -> Dict[str, bool]:
    """Stop a lab."""
    stopped = await app.state.container.lifecycle.stop(student_id, course_id)
    return {"stopped": stopped}


@app.post("/api/v1/assistant/questions")
async def ask(body: QuestionBody) -> Dict[str, Any]:
    """Help a student."""
    return await app.state.container.assistant.assist(
        body.student_id, body.question, body.code
    )
