"""Inventory guarded by a reading lock and a writing lock, which are two locks."""
import asyncio
from typing import Protocol


class Warehouse(Protocol):
    async def reserve(self, sku: str, n: int) -> bool: ...

    async def count(self, sku: str) -> int: ...


class Inventory:
    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self._reserve_lock = asyncio.Lock()
        self._recount_lock = asyncio.Lock()
        self._stock: dict[str, int] = {}

    async def reserve(self, sku: str, n: int) -> bool:
        async with self._reserve_lock:  # BAD: uselesslock @pair
            left = self._stock.get(sku, 0)
            if left < n:
                return False
            if not await self._warehouse.reserve(sku, n):
                return False
            self._stock[sku] = left - n  # BAD: uselesslock|lostupdate|checkthenact @pair
            return True

    async def recount(self, sku: str) -> None:
        async with self._recount_lock:  # BAD: uselesslock @pair
            self._stock[sku] = await self._warehouse.count(sku)
