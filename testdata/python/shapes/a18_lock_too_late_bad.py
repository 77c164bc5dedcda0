"""The lock is taken after the stale value was read; that it is thrown away besides is another defect."""
import asyncio
from collections import defaultdict
from typing import Protocol


class Clock(Protocol):
    async def cut_off(self, stamps: list[float]) -> int: ...


class Window:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._hits: dict[str, list[float]] = {}
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def hit(self, user: str, at: float) -> None:
        async with self._locks[user]:
            self._hits.setdefault(user, []).insert(0, at)

    async def tidy(self, user: str) -> None:
        if user not in self._hits:
            return
        cut = await self._clock.cut_off(self._hits[user])
        async with self._locks[user]:  # BAD: uselesslock
            self._hits[user] = self._hits[user][:cut]  # BAD: lostupdate|checkthenact
            await asyncio.sleep(0)
            if not self._hits[user]:
                self._hits.pop(user, None)
                self._locks.pop(user, None)

    async def forget(self, user: str) -> None:
        self._hits.pop(user, None)
