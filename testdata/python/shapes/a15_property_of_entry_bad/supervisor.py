"""Starts workers when work arrives."""
from .worker import Worker


class Supervisor:
    def __init__(self, workers: dict[str, Worker]) -> None:
        self._workers = workers
        self.submitted = 0

    async def submit(self, name: str, job: str) -> int:
        worker = self._workers[name]
        if not worker.alive:
            await worker.start()  # BAD: checkthenact
        self.submitted += 1
        return worker.starts

    async def stop(self, name: str) -> None:
        await self._workers[name].stop()
