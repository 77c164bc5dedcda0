"""The helper asks whether its own task runs, which says so only when it has begun."""
import asyncio
from typing import Protocol


class Queue(Protocol):
    async def next(self) -> bytes: ...


class Pump:
    def __init__(self, queue: Queue) -> None:
        self._queue = queue
        self._running = False
        self._tasks: set[asyncio.Task[None]] = set()
        self.seen: list[bytes] = []

    def _ensure(self) -> None:
        if not self._running:
            task = asyncio.create_task(self._run())  # BAD: checkthenact
            self._tasks.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self.seen.clear()

    async def _run(self) -> None:
        self._running = True
        try:
            self.seen.append(await self._queue.next())
        finally:
            self._running = False

    async def feed(self) -> None:
        self._ensure()

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
