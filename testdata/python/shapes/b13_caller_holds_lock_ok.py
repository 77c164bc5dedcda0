"""Helpers whose every caller holds the lock."""
import asyncio
from typing import Protocol


class Ledger(Protocol):
    async def open_book(self, name: str) -> int: ...

    async def post(self, name: str, amount: int) -> int: ...


class Books:
    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._lock = asyncio.Lock()
        self._balances: dict[str, int] = {}

    async def _ensure_locked(self, name: str) -> None:
        if name not in self._balances:
            self._balances[name] = await self._ledger.open_book(name)

    async def _apply(self, name: str, amount: int) -> int:
        before = self._balances[name]
        fee = await self._ledger.post(name, amount)
        self._balances[name] = before + amount - fee
        return self._balances[name]

    async def credit(self, name: str, amount: int) -> int:
        async with self._lock:
            await self._ensure_locked(name)
            return await self._apply(name, amount)

    async def transfer(self, source: str, target: str, amount: int) -> None:
        async with self._lock:
            for name, part in ((source, -amount), (target, amount)):
                await self._ensure_locked(name)
                await self._apply(name, part)
