"""A lock written by hand that is left between check and act."""
import asyncio


class Turnstile:
    def __init__(self):
        self._changed = asyncio.Condition()
        self._taken = False

    async def __aenter__(self):
        async with self._changed:
            while self._taken:
                await self._changed.wait()
            self._taken = True

    async def __aexit__(self, *error):
        async with self._changed:
            self._taken = False
            self._changed.notify()


class Catalogue:
    def __init__(self, source):
        self._source = source
        self._turnstile = Turnstile()
        self._titles = None

    async def titles(self):
        async with self._turnstile:
            missing = self._titles is None
        if missing:
            self._titles = await self._source.titles()  # BAD: checkthenact
        return self._titles
