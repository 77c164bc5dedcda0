"""Tasks that map() starts, and somebody waits for."""
import asyncio


class Warmup:
    def __init__(self, cache):
        self._cache = cache

    async def _load(self, key):
        await self._cache.load(key)

    async def warm(self, keys):
        tasks = list(map(asyncio.create_task, map(self._load, keys)))
        await asyncio.gather(*tasks)

    async def warm_at_once(self, keys):
        await asyncio.gather(*map(self._load, keys))
