"""A helper writes what it is given: who calls it without the lock gives no count."""
import asyncio
from dataclasses import dataclass
from typing import Protocol


class Files(Protocol):
    async def write(self, name: str, data: str) -> None: ...


@dataclass
class Meta:
    count: int = 0
    opened: float = 0.0


class Dataset:
    def __init__(self, files: Files) -> None:
        self._files = files
        self._meta = Meta()
        self._lock = asyncio.Lock()

    async def _update(self, *, now: float | None = None, count: int | None = None) -> None:
        if now is not None:
            self._meta.opened = now
        if count is not None:
            self._meta.count = count  # LOW: lostupdate
        await self._files.write("meta", repr(self._meta))

    async def open(self, now: float) -> None:
        await self._update(now=now)

    async def push(self, items: list[str]) -> None:
        async with self._lock:
            count = self._meta.count
            for item in items:
                count += 1
                await self._files.write(str(count), item)
            await self._update(count=count)


class Cached:
    def __init__(self) -> None:
        self._meta = Meta()
        self.items: list[str] = []

    async def push(self, items: list[str]) -> None:
        self.items.extend(items)
        self._meta.count = len(self.items)
