"""A lending desk: whoever waits asks in a loop, which a returned copy or the closing ends as well."""
import asyncio
from collections import deque


class Desk:
    def __init__(self, printer, maximum):
        self._printer = printer
        self._maximum = maximum
        self._shelf = deque()
        self._copies = 0
        self._closed = False
        self._changed = asyncio.Condition()

    async def borrow(self):
        async with self._changed:
            while not self._shelf and self._copies >= self._maximum and not self._closed:
                await self._changed.wait()
            if self._closed:
                raise RuntimeError("closed")
            if self._shelf:
                return self._shelf.pop()
            self._copies += 1
        return await self._printer.print()

    async def bring_back(self, copy):
        async with self._changed:
            self._shelf.append(copy)
            self._changed.notify()

    async def close(self):
        async with self._changed:
            self._closed = True
            self._changed.notify_all()
