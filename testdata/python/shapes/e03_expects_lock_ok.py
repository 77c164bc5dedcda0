"""Stock whose public methods lock and whose private ones expect it."""
import asyncio
from typing import Protocol


class Journal(Protocol):
    async def write(self, line: str) -> None: ...


class Stock:
    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._lock = asyncio.Lock()
        self._items: dict[str, int] = {}

    async def _take_locked(self, sku: str, n: int) -> None:
        have = self._items.get(sku, 0)
        if have < n:
            raise ValueError(sku)
        await self._journal.write(f"take {sku} {n}")
        self._items[sku] = have - n

    async def _put_locked(self, sku: str, n: int) -> None:
        have = self._items.get(sku, 0)
        await self._journal.write(f"put {sku} {n}")
        self._items[sku] = have + n

    async def take(self, sku: str, n: int) -> None:
        async with self._lock:
            await self._take_locked(sku, n)

    async def put(self, sku: str, n: int) -> None:
        async with self._lock:
            await self._put_locked(sku, n)

    async def swap(self, out: str, into: str, n: int) -> None:
        async with self._lock:
            await self._take_locked(out, n)
            await self._put_locked(into, n)
