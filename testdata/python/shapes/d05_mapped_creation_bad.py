"""Tasks that map() starts."""
import asyncio


class Warmup:
    def __init__(self, cache):
        self._cache = cache

    async def _load(self, key):
        await self._cache.load(key)

    def kick(self, keys):
        tasks = list(map(asyncio.create_task, map(self._load, keys)))  # BAD: untrackedtask
        return len(tasks)
