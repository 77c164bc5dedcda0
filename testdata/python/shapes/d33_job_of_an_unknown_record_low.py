"""The task is kept in a record that callers hand in: whether one record comes twice is not known."""
import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass


@dataclass
class Job:
    work: Callable[[], Awaitable[None]]
    task: "asyncio.Task[None] | None" = None


class Scheduler:
    def __init__(self) -> None:
        self.failed = 0

    async def _run(self, job: Job) -> None:
        try:
            await job.work()
        except OSError:
            self.failed += 1

    def plan(self, job: Job, delay: float) -> None:
        asyncio.get_running_loop().call_later(delay, self._launch, job)

    def _launch(self, job: Job) -> None:
        job.task = asyncio.create_task(self._run(job))  # LOW: overwrittentask

    async def finish(self, job: Job) -> None:
        if job.task is not None:
            await job.task
