"""Slots of a scanner farm; a woken waiter looks again."""
from __future__ import annotations

import asyncio
from collections import deque


class ScannerGate:
    def __init__(self, slots: int) -> None:
        self._slots = slots
        self._used = 0
        self._waiters: deque[asyncio.Future[None]] = deque()
        self.peak = 0

    async def enter(self) -> None:
        while self._used >= self._slots:
            waiter = asyncio.get_running_loop().create_future()
            self._waiters.append(waiter)
            await waiter
        self._used += 1
        self.peak = max(self.peak, self._used)

    def leave(self) -> None:
        self._used -= 1
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                break

    async def __aenter__(self) -> "ScannerGate":
        await self.enter()
        return self

    async def __aexit__(self, *exc: object) -> None:
        self.leave()
