"""A route starts the learning and answers at once."""
import asyncio
from typing import Any, Protocol

from fastapi import APIRouter

router = APIRouter()


class Trainer(Protocol):
    async def learn(self, course: str, feedback: dict[str, Any]) -> None: ...


class Feedback:
    def __init__(self, trainer: Trainer) -> None:
        self._trainer = trainer

    async def accept(self, course: str, feedback: dict[str, Any]) -> dict[str, str]:
        asyncio.create_task(self._trainer.learn(course, feedback))  # BAD: untrackedtask
        return {"status": "accepted"}


service: Feedback | None = None


@router.post("/courses/{course}/feedback")
async def post_feedback(course: str, feedback: dict[str, Any]) -> dict[str, str]:
    if service is None:
        return {"status": "not ready"}
    return await service.accept(course, feedback)
