"""The loop itself takes away what it iterates: no second task is needed."""
import asyncio
from collections import defaultdict


class Expiry:
    def __init__(self) -> None:
        self._events: dict[str, list[float]] = {}
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def add(self, key: str, at: float) -> None:
        async with self._locks[key]:
            self._events.setdefault(key, []).append(at)

    async def expire(self, now: float) -> None:
        for key in self._events.keys():  # BAD: iterationrace
            async with self._locks[key]:
                if self._events[key][-1] < now:
                    self._events.pop(key, None)

    async def expire_copy(self, now: float) -> None:
        for key in list(self._events):
            async with self._locks[key]:
                if self._events[key][-1] < now:
                    self._events.pop(key, None)

    async def expire_one(self, now: float) -> None:
        for key in self._events:
            if self._events[key][-1] < now:
                del self._events[key]
                break

    async def touch(self, now: float) -> None:
        for key in self._events:
            self._events[key] = [now]
