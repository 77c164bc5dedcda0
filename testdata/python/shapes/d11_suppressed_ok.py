"""The body suppresses every exception."""
import asyncio
import contextlib
from contextlib import suppress
from typing import Protocol


class Burner(Protocol):
    async def ignite(self, zone: str) -> None: ...


class R:
    def __init__(self, burner: Burner) -> None:
        self._b = burner
        self._tasks: set[asyncio.Task[None]] = set()

    def a(self) -> None:
        task = asyncio.create_task(self._x())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def b(self) -> None:
        task = asyncio.create_task(self._y())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _x(self) -> None:
        with contextlib.suppress(Exception):
            while True:
                await self._b.ignite("x")

    async def _y(self) -> None:
        while True:
            with suppress(OSError, Exception):
                await self._b.ignite("x")

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
