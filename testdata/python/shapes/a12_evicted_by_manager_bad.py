"""A lock for each document, thrown away by whoever leaves first; the table does not say what it holds."""
import asyncio
from contextlib import asynccontextmanager


class Locks:
    def __init__(self):
        self._locks = {}

    @asynccontextmanager
    async def hold(self, name):
        lock = self._locks.setdefault(name, asyncio.Lock())
        async with lock:  # BAD: uselesslock
            yield
        self._locks.pop(name, None)


class Documents:
    def __init__(self, store):
        self._store = store
        self._locks = Locks()

    async def retitle(self, name, title):
        async with self._locks.hold(name):
            document = await self._store.load(name)
            document["title"] = title
            await self._store.save(name, document)
