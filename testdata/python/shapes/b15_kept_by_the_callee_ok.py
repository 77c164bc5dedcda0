"""The caller stores what a table, which makes each entry once, keeps."""
import asyncio
from functools import partial


class Table:
    def __init__(self):
        self._entries = {}
        self._lock = asyncio.Lock()

    async def get_or_create(self, key, factory):
        async with self._lock:
            if key in self._entries:
                return self._entries[key]
            self._entries[key] = entry = await factory()
            return entry


class Tenants:
    def __init__(self, opener):
        self._opener = opener
        self._table = Table()
        self._default = None
        self._local = {}

    async def database(self, tenant):
        return await self._table.get_or_create(tenant, partial(self._opener.open, tenant))

    async def default(self):
        if self._default is None:
            self._default = await self.database("default")
        return self._default

    async def local(self, tenant):
        if tenant not in self._local:
            self._local[tenant] = await self.database(tenant)
        return self._local[tenant]
