"""The released slot is announced to a waiter, but not kept for it."""
import asyncio
from collections import deque


class Slots:
    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._taken = 0
        self._waiters: deque[asyncio.Future[None]] = deque()

    async def acquire(self) -> None:
        if self._taken >= self._limit:
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiters.append(waiter)
            await waiter
        self._taken += 1  # BAD: checkthenact

    def release(self) -> None:
        self._taken -= 1
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                break
