"""A lock is evicted by whoever is the last to use it."""
import asyncio
from typing import Protocol


class Disk(Protocol):
    async def replace(self, path: str, text: str) -> None: ...


class Documents:
    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self._guards: dict[str, tuple[asyncio.Lock, list[None]]] = {}
        self._texts: dict[str, str] = {}

    async def append(self, path: str, line: str) -> None:
        lock, users = self._guards.setdefault(path, (asyncio.Lock(), []))
        users.append(None)
        try:
            async with lock:
                text = self._texts.get(path, "") + line
                await self._disk.replace(path, text)
                self._texts[path] = text
        finally:
            users.pop()
            if not users:
                del self._guards[path]
