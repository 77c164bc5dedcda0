"""Demo service."""
import contextlib
import os
from typing import Any, AsyncIterator, Dict

import asyncpg
from fastapi import FastAPI, HTTPException

from data_access.guest_session_dao import GuestSessionDAO
from services.demo_tour_service import DemoTourService, TourOver


@contextlib.asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Connect at startup, disconnect at shutdown."""
    pool = await asyncpg.create_pool(os.environ.get("DEMO_DATABASE_URL"))
    app.state.tours = DemoTourService(GuestSessionDAO(pool))
    yield
    await pool.close()


app = FastAPI(title="Demo Service", lifespan=lifespan)


@app.post("/api/v1/tours", status_code=201)
async def begin() -> Dict[str, Any]:
    """Start a tour."""
    return await app.state.tours.begin()


@app.get("/api/v1/tours/{session_id}/courses/{subject}")
async def sample_course(session_id: str, subject: str) -> Dict[str, Any]:
    """Look at a sample course."""
    try:
        return await app.state.tours.sample_course(session_id, subject)
    except TourOver as error:
        raise HTTPException(status_code=410, detail="The tour is over") from error


@app.post("/api/v1/tours/{session_id}/questions")
async def ask(session_id: str, question: str) -> Dict[str, Any]:
    """Ask the assistant."""
    try:
        return await app.state.tours.ask_assistant(session_id, question)
    except TourOver as error:
        raise HTTPException(status_code=410, detail="The tour is over") from error
