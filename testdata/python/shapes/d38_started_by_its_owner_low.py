"""A start or connect that nobody is seen to call twice; and the task that closes."""
import asyncio
from typing import Protocol


class Wire(Protocol):
    async def dial(self) -> None: ...

    async def read(self) -> bytes: ...

    async def close(self) -> None: ...


class Reader:
    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._read_task: asyncio.Task[None] | None = None
        self._ping_task: asyncio.Task[None] | None = None
        self._close_task: asyncio.Task[None] | None = None
        self.last = b""

    async def load(self) -> None:
        self._ping_task = asyncio.create_task(self._ping())  # LOW: overwrittentask

    async def connect(self) -> None:
        await self._wire.dial()
        await self._connected()

    async def _connected(self) -> None:
        self._read_task = asyncio.create_task(self._read())  # LOW: overwrittentask

    def close(self) -> None:
        self._close_task = asyncio.create_task(self._wire.close())  # LOW: overwrittentask

    async def _read(self) -> None:
        try:
            self.last = await self._wire.read()
        except OSError:
            self.last = b""

    async def _ping(self) -> None:
        try:
            self.last = await self._wire.read()
        except OSError:
            self.last = b""

    async def wait_closed(self) -> None:
        for task in (self._read_task, self._ping_task, self._close_task):
            if task is not None:
                await task
