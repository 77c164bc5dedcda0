"""Who adds has been waited for before the rest is cleared away."""
import asyncio
import contextlib
from typing import Protocol


class Source(Protocol):
    async def next(self) -> str: ...

    async def fetch(self, name: str) -> None: ...


class Fetcher:
    def __init__(self, source: Source) -> None:
        self._source = source
        self._pending: set[asyncio.Task[None]] = set()
        self._loop_task = asyncio.create_task(self._loop())

    async def _loop(self) -> None:
        while True:
            name = await self._source.next()
            task = asyncio.create_task(self._source.fetch(name))
            self._pending.add(task)

    async def close(self) -> None:
        self._loop_task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._loop_task
        for task in self._pending:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
