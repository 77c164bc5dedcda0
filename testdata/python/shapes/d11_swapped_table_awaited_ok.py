"""Feeds by name: the whole table is taken out, then all that it holds is awaited."""
import asyncio
import logging

log = logging.getLogger(__name__)


class Feeds:
    def __init__(self):
        self._readers = {}

    def follow(self, name, read):
        if name not in self._readers:
            self._readers[name] = asyncio.create_task(read(name))

    async def close(self):
        readers, self._readers = self._readers, {}
        for reader in readers.values():
            reader.cancel()
        ends = await asyncio.gather(*readers.values(), return_exceptions=True)
        for name, end in zip(readers, ends):
            if isinstance(end, Exception):
                log.error("feed %s: %r", name, end)


class Mirrors:
    def __init__(self):
        self._copies = {}

    def begin(self, name, copy):
        if name not in self._copies:
            self._copies[name] = asyncio.create_task(copy(name))

    async def close(self):
        copies = self._copies
        self._copies = {}
        for copy in list(copies.values()):
            await copy
