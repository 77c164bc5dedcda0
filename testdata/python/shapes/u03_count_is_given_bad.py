"""A count is reset without the lock under which others compute the next one."""
import asyncio
from dataclasses import dataclass
from typing import Protocol


class Files(Protocol):
    async def write(self, name: str, data: str) -> None: ...


@dataclass
class Meta:
    count: int = 0


class Dataset:
    def __init__(self, files: Files) -> None:
        self._files = files
        self._meta = Meta()
        self._lock = asyncio.Lock()

    async def reset(self) -> None:
        self._meta.count = 0  # BAD: lostupdate
        await self._files.write("meta", "0")

    async def push(self, items: list[str]) -> None:
        async with self._lock:
            count = self._meta.count
            for item in items:
                count += 1
                await self._files.write(str(count), item)
            self._meta.count = count
