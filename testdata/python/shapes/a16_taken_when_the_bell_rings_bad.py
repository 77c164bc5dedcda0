"""A belt from which several arms pick: all of them are woken by one part."""
from __future__ import annotations

import asyncio
from collections import deque


class Belt:
    def __init__(self) -> None:
        self._parts: deque[str] = deque()
        self._filled = asyncio.Event()

    def put(self, part: str) -> None:
        self._parts.append(part)
        self._filled.set()

    async def pick(self) -> str:
        await self._filled.wait()
        part = self._parts.popleft()  # BAD: checkthenact
        if not self._parts:
            self._filled.clear()
        return part

    async def pick_soon(self, limit: float) -> str:
        await asyncio.wait_for(self._filled.wait(), limit)
        return self._parts.popleft()  # BAD: checkthenact
