"""Turnstile with a bounded hall."""
import asyncio


class Turnstile:
    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._inside = 0
        self._left = asyncio.Event()
        self.peak = 0

    async def enter(self, guest: str) -> None:
        if self._inside >= self._capacity:
            self._left.clear()
            await self._left.wait()
        self._inside += 1  # BAD: checkthenact
        self.peak = max(self.peak, self._inside)

    def leave(self, guest: str) -> None:
        self._inside -= 1
        self._left.set()

    def full(self) -> bool:
        return self._inside >= self._capacity
