"""With eager tasks the body asks for its own entry before the caller has made it."""
import asyncio
from typing import Protocol


class Step(Protocol):
    async def run(self, attempt: int) -> None: ...


class Attempts:
    def __init__(self) -> None:
        self._attempts: dict["asyncio.Task[None] | None", int] = {}

    async def _run(self, step: Step) -> None:
        attempt = self._attempts[asyncio.current_task()]  # GAP: checkthenact
        await step.run(attempt)

    async def run(self, step: Step, attempt: int) -> None:
        task = asyncio.create_task(self._run(step))
        self._attempts[task] = attempt
        try:
            await task
        finally:
            del self._attempts[task]


def main(step: Step) -> None:
    async def start() -> None:
        asyncio.get_running_loop().set_task_factory(getattr(asyncio, "eager_task_factory", None))
        await Attempts().run(step, 1)

    asyncio.run(start())
