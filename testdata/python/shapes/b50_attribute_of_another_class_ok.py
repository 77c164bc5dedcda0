"""Two classes inherit one attribute from their base: each object has its own, and nobody but its own class writes it."""
import asyncio
from typing import Protocol


class Files(Protocol):
    async def fetch(self, name: str) -> dict[str, str]: ...


class Store:
    def __init__(self, files: Files) -> None:
        self._files = files
        self._lock = asyncio.Lock()
        self._data: dict[str, str] = {}

    async def load(self, name: str) -> None:
        async with self._lock:
            if name not in self._data:
                found = await self._files.fetch(name)
                self._data[name] = found[name]


class Passwords(Store):
    def forget(self, name: str) -> None:
        self._data.pop(name, None)


class Versions(Store):
    async def show(self, name: str) -> str:
        if name not in self._data:
            raise KeyError(name)
        await self._files.fetch("log")
        return self._data[name]
