"""Workers by queue and shard, started on demand."""
from __future__ import annotations

from typing import Protocol


class Worker(Protocol):
    async def submit(self, item: bytes) -> None: ...

    async def stop(self) -> None: ...


class Launcher(Protocol):
    async def start_worker(self, queue: str, shard: int) -> Worker: ...


_workers: dict[tuple[str, int], Worker] = {}


async def worker_for(launcher: Launcher, queue: str, shard: int) -> Worker:
    key = (queue, shard)
    if key in _workers:
        return _workers[key]
    worker = await launcher.start_worker(queue, shard)
    _workers[key] = worker  # BAD: checkthenact
    return worker


async def submit(launcher: Launcher, queue: str, items: list[bytes]) -> int:
    for number, item in enumerate(items):
        worker = await worker_for(launcher, queue, number % 4)
        await worker.submit(item)
    return len(items)


async def stop_all() -> None:
    while _workers:
        _, worker = _workers.popitem()
        await worker.stop()
