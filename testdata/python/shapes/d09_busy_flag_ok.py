"""A flag says that the task runs; the handle is replaced only when it is down."""
import asyncio
from typing import Protocol


class Job(Protocol):
    async def run(self) -> None: ...


class A:
    def __init__(self, job: Job) -> None:
        self._job = job
        self._running = False
        self._task: asyncio.Task[None] | None = None

    def kick(self) -> None:
        if self._running:
            return
        self._running = True
        self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        try:
            await self._job.run()
        except Exception:
            pass
        finally:
            self._running = False

    async def close(self) -> None:
        if self._task is not None:
            await self._task
