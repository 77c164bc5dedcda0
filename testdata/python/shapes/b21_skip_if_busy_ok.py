"""Skip the run if one is going on: a free lock is taken without suspending."""
import asyncio
from typing import Protocol


class Mirror(Protocol):
    async def sync(self) -> int: ...


class Syncer:
    def __init__(self, mirror: Mirror) -> None:
        self._mirror = mirror
        self._lock = asyncio.Lock()
        self.files = 0

    async def sync(self) -> bool:
        if not self._lock.locked():
            async with self._lock:
                self.files = await self._mirror.sync()
                return True
        return False
