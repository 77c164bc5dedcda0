"""The lock is entered through an exit stack."""
import asyncio
import threading
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from typing import Any, Protocol


class Disk(Protocol):
    async def connect(self) -> Any: ...


class Pool:
    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self._lock = asyncio.Lock()
        self._mutex = threading.Lock()
        self._connection: Any = None
        self._names: dict[str, Any] = {}
        self._used = 0

    @asynccontextmanager
    async def _exclusive(self):
        async with self._lock:
            yield self

    async def connection(self) -> Any:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._lock)
            if self._connection is None:
                self._connection = await self._disk.connect()
            return self._connection

    async def named(self, name: str) -> Any:
        async with AsyncExitStack() as stack:
            pool = await stack.enter_async_context(self._exclusive())
            if name not in pool._names:
                pool._names[name] = await self._disk.connect()
            return pool._names[name]

    def use(self) -> int:
        with ExitStack() as stack:
            stack.enter_context(self._mutex)
            self._used += 1
            return self._used
