"""Batches that lose nothing: taken out first, cut by length, under the lock of those who add, or asked again."""
import asyncio
from typing import Protocol


class Sink(Protocol):
    async def send(self, rows: list[int]) -> None: ...


class Batches:
    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._lock = asyncio.Lock()
        self._rows: list[int] = []
        self._cut: list[int] = []
        self._locked: list[int] = []
        self._running: set[asyncio.Task[None]] = set()
        self._failures = 0

    def add(self, row: int) -> None:
        self._rows.append(row)
        self._cut.append(row)

    async def add_locked(self, row: int) -> None:
        async with self._lock:
            self._locked.append(row)

    async def flush(self) -> None:
        batch, self._rows = self._rows, []
        await self._sink.send(batch)

    async def flush_cut(self) -> None:
        batch = list(self._cut)
        await self._sink.send(batch)
        del self._cut[: len(batch)]

    async def flush_locked(self) -> None:
        async with self._lock:
            await self._sink.send(list(self._locked))
            self._locked.clear()

    def start(self, row: int) -> None:
        task = asyncio.create_task(self._sink.send([row]))
        self._running.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._running.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self._failures += 1

    async def settle(self) -> None:
        await asyncio.gather(*self._running, return_exceptions=True)
        self._running.clear()

    async def retry(self, row: int) -> None:
        await asyncio.sleep(self._failures)
        await self._sink.send([row])
        self._failures = 0

    async def drop_all(self) -> None:
        await self._sink.send(list(self._cut))
        self._cut.clear()

    async def visit(self) -> None:
        for row in self._rows:
            await self._sink.send([row])
        self._rows = []
