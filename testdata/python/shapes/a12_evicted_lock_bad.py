"""One lock per key; the entry is removed while others wait for it."""
import asyncio
from typing import Protocol


class Backend(Protocol):
    async def read(self, key: str) -> int: ...

    async def write(self, key: str, value: int) -> None: ...


class Counters:
    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._locks: dict[str, asyncio.Lock] = {}

    async def increment(self, key: str, by: int = 1) -> int:
        lock = self._locks.setdefault(key, asyncio.Lock())
        async with lock:  # BAD: uselesslock @evict
            value = await self._backend.read(key) + by
            await self._backend.write(key, value)  # MAYBE: stalerecord
        self._locks.pop(key, None)  # BAD: uselesslock|blindremoval @evict
        return value
