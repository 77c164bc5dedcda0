"""Every write holds the lock; a plain read and the constructor need not."""
import asyncio
from typing import Protocol


class Gate(Protocol):
    async def open(self, count: int) -> None: ...


class Turnstile:
    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._lock = asyncio.Lock()
        self._inside = 0

    async def enter(self) -> int:
        async with self._lock:
            inside = self._inside + 1
            await self._gate.open(inside)
            self._inside = inside
            return inside

    async def reset(self) -> None:
        async with self._lock:
            self._inside = 0

    def __len__(self) -> int:
        return self._inside
