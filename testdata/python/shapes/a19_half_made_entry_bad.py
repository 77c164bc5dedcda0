"""An entry is in one table while the other still waits for its part."""
from typing import Protocol


class Worker(Protocol):
    def load(self) -> float: ...

    async def stop(self) -> None: ...


class Host(Protocol):
    async def start(self, name: str) -> Worker: ...


class Workers:
    def __init__(self, host: Host) -> None:
        self._host = host
        self._weights: dict[str, int] = {}
        self._workers: dict[str, Worker] = {}

    async def add(self, name: str, weight: int) -> None:
        self._weights[name] = weight
        worker = await self._host.start(name)
        self._workers[name] = worker

    def load(self) -> float:
        return sum(weight * self._workers[name].load() for name, weight in self._weights.items())  # BAD: checkthenact

    def one(self, name: str) -> float:
        if name in self._weights:
            return self._workers[name].load()  # BAD: checkthenact
        return 0.0
