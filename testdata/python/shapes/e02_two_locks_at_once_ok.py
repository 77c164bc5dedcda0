"""Entering the second lock may suspend under the first one; so may one of the holders."""
import asyncio
from typing import Protocol


class Disk(Protocol):
    async def sync(self) -> None: ...


class Journal:
    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self._head = asyncio.Lock()
        self._tail = asyncio.Lock()
        self._lines: list[str] = []
        self._synced = 0

    async def append(self, line: str) -> None:
        async with self._tail:
            self._lines.append(line)

    async def sync(self) -> None:
        async with self._tail:
            count = len(self._lines)
            await self._disk.sync()
            self._synced = count

    async def trim(self) -> int:
        async with self._head, self._tail:
            count, self._synced = self._synced, 0
            del self._lines[:count]
            return count
