"""Per-document lock in a defaultdict, deleted at the end of the section."""
import asyncio
from collections import defaultdict
from typing import Protocol


class Disk(Protocol):
    async def replace(self, path: str, text: str) -> None: ...


class Documents:
    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self._guards: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._texts: dict[str, str] = {}

    async def append(self, path: str, line: str) -> None:
        async with self._guards[path]:  # BAD: uselesslock @evict
            text = self._texts.get(path, "") + line
            await self._disk.replace(path, text)
            self._texts[path] = text  # MAYBE: lostupdate
            del self._guards[path]  # BAD: uselesslock|blindremoval @evict
