"""A nursery owns its tasks; the state is taken before the checkpoint."""
from typing import Protocol

import trio


class Job(Protocol):
    async def run(self) -> None: ...


class Runner:
    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._running = 0

    async def run(self, job: Job) -> bool:
        if self._running >= self._limit:
            return False
        self._running += 1
        try:
            await trio.sleep(0)
            await job.run()
        finally:
            self._running -= 1
        return True


async def run_all(runner: Runner, jobs: list[Job]) -> None:
    async with trio.open_nursery() as nursery:
        for job in jobs:
            nursery.start_soon(runner.run, job)
