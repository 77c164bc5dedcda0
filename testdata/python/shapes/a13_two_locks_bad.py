"""Seats are booked under one lock and released under another."""
import asyncio
from typing import Protocol


class Payments(Protocol):
    async def charge(self, seats: int) -> None: ...

    async def refund(self, seats: int) -> None: ...


class Seats:
    def __init__(self, payments: Payments, free: int) -> None:
        self._payments = payments
        self._free = free
        self._book_lock = asyncio.Lock()
        self._cancel_lock = asyncio.Lock()

    async def book(self, seats: int) -> bool:
        async with self._book_lock:  # BAD: uselesslock @split
            free = self._free
            if seats > free:
                return False
            await self._payments.charge(seats)
            self._free = free - seats  # BAD: uselesslock|lostupdate|checkthenact @split
            return True

    async def cancel(self, seats: int) -> None:
        async with self._cancel_lock:  # BAD: uselesslock @split
            free = self._free
            await self._payments.refund(seats)
            self._free = free + seats  # BAD: uselesslock|lostupdate|checkthenact @split
