"""The count is kept under a lock, but one method writes it without."""
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
            self._inside = inside  # BAD: lostupdate|unevenguard @uneven
            return inside

    async def leave(self) -> int:
        async with self._lock:
            inside = self._inside - 1
            await self._gate.open(inside)
            self._inside = inside  # BAD: lostupdate|unevenguard @uneven
            return inside

    def reset(self) -> None:
        self._inside = 0  # BAD: unevenguard|lostupdate @uneven
