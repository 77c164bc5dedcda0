"""Per-room locks."""
import asyncio
from collections import defaultdict
from contextlib import asynccontextmanager
from typing import Any, AsyncIterator


class Rooms:
    def __init__(self, store: Any) -> None:
        self._store = store
        self._locks: dict[str, asyncio.Lock] = {}

    async def post(self, room: str, text: str) -> None:
        lock = self._locks.setdefault(room, asyncio.Lock())
        async with lock:  # BAD: uselesslock
            history = await self._store.load(room)
            history.append(text)
            await self._store.save(room, history)
        self._locks.pop(room, None)


class CountedRooms:
    def __init__(self, store: Any) -> None:
        self._store = store
        self._locks: dict[str, asyncio.Lock] = {}
        self._users: defaultdict[str, int] = defaultdict(int)

    @asynccontextmanager
    async def _locked(self, room: str) -> AsyncIterator[None]:
        lock = self._locks.setdefault(room, asyncio.Lock())
        self._users[room] += 1
        try:
            async with lock:
                yield
        finally:
            self._users[room] -= 1
            if self._users[room] == 0:
                del self._locks[room]
                del self._users[room]

    async def post(self, room: str, text: str) -> None:
        async with self._locked(room):
            history = await self._store.load(room)
            history.append(text)
            await self._store.save(room, history)
