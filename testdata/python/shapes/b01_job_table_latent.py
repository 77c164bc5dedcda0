"""A job is looked up and started in one step: atomic today, not after the next await."""
import asyncio
import logging
from typing import Protocol

log = logging.getLogger("jobs")


class Runner(Protocol):
    async def run(self, job_id: str) -> None: ...


class Jobs:
    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._running: dict[str, asyncio.Task[None]] = {}

    async def start(self, job_id: str) -> bool:
        if job_id in self._running:
            return False
        task = asyncio.create_task(self._runner.run(job_id))
        self._running[job_id] = task  # LATENT: checkthenact
        task.add_done_callback(lambda done: self._finished(job_id, done))
        return True

    def _finished(self, job_id: str, task: asyncio.Task[None]) -> None:
        if self._running.get(job_id) is task:
            del self._running[job_id]
        if not task.cancelled() and (error := task.exception()):
            log.error("job %s failed", job_id, exc_info=error)

    async def close(self) -> None:
        for task in list(self._running.values()):
            task.cancel()
        await asyncio.gather(*list(self._running.values()), return_exceptions=True)
