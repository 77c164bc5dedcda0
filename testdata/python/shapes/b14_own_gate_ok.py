"""Locks written by hand: a flag, and a condition to wait for it; as a manager function and as a class."""
import asyncio
from contextlib import asynccontextmanager


class Gate:
    def __init__(self):
        self._changed = asyncio.Condition()
        self._taken = False

    @asynccontextmanager
    async def passing(self):
        async with self._changed:
            while self._taken:
                await self._changed.wait()
            self._taken = True
        try:
            yield
        finally:
            async with self._changed:
                self._taken = False
                self._changed.notify()


class Turnstile:
    def __init__(self):
        self._changed = asyncio.Condition()
        self._taken = False

    async def __aenter__(self):
        async with self._changed:
            await self._changed.wait_for(lambda: not self._taken)
            self._taken = True

    async def __aexit__(self, *error):
        async with self._changed:
            self._taken = False
            self._changed.notify()


class Catalogue:
    def __init__(self, source):
        self._source = source
        self._gate = Gate()
        self._turnstile = Turnstile()
        self._titles = None
        self._prices = None

    async def title(self, key):
        async with self._gate.passing():
            if self._titles is None:
                self._titles = await self._source.titles()
            return self._titles[key]

    async def price(self, key):
        async with self._turnstile:
            if self._prices is None:
                self._prices = await self._source.prices()
            return self._prices[key]
