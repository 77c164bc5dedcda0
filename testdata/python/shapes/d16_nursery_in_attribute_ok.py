"""The group comes in through `__aenter__` and is kept; its tasks are its own affair."""
import asyncio
from typing import Any, Protocol


class Worker(Protocol):
    async def work(self) -> None: ...


class Crew:
    def __init__(self) -> None:
        self._tg = asyncio.TaskGroup()
        self.hired = 0

    async def __aenter__(self) -> "Crew":
        await self._tg.__aenter__()
        return self

    async def __aexit__(self, *exc: Any) -> None:
        await self._tg.__aexit__(*exc)

    def hire(self, worker: Worker) -> None:
        self.hired += 1
        self._tg.create_task(worker.work())
