"""A total is computed under a lock, and written without it elsewhere."""
import asyncio


class Quota:
    def __init__(self, scanner, quota):
        self._scanner = scanner
        self._quota = quota
        self._used = {}
        self._lock = asyncio.Lock()

    async def put(self, owner, size):
        async with self._lock:
            used = self._used.get(owner, 0) + size
            if used > self._quota:
                raise OverflowError(owner)
            await self._scanner.scan(owner)
            self._used[owner] = used  # BAD: lostupdate @uneven

    async def delete(self, owner, size):
        self._used[owner] = self._used.get(owner, 0) - size  # BAD: lostupdate @uneven
