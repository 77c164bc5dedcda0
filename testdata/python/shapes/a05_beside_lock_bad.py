"""One write of the function is under the lock, the other is not: it falls into the gap of another run."""
import asyncio


class Counter:
    def __init__(self):
        self._count = 0
        self._lock = asyncio.Lock()

    async def up(self, weight):
        self._count += await self.weigh(weight)  # BAD: lostupdate|unevenguard
        async with self._lock:
            seen = self._count
            await self.tell(seen)
            self._count = seen + 1

    async def weigh(self, weight):
        await asyncio.sleep(0)
        return weight

    async def tell(self, seen):
        await asyncio.sleep(seen)


class Meter:
    """All of it is under the lock."""

    def __init__(self):
        self._count = 0
        self._lock = asyncio.Lock()

    async def up(self, weight):
        async with self._lock:
            self._count += weight
            seen = self._count
            await asyncio.sleep(seen)
            self._count = seen + 1


class Turns:
    """Plain, right before the lock."""

    def __init__(self):
        self._turns = 0
        self._lock = asyncio.Lock()

    async def up(self, weight):
        self._turns += weight  # BAD: lostupdate|unevenguard
        async with self._lock:
            seen = self._turns
            await asyncio.sleep(seen)
            self._turns = seen + 1
