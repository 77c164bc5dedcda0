"""Geocoder whose index is opened under a lock, with the test repeated inside."""
import asyncio
from typing import Protocol


class Index(Protocol):
    async def lookup(self, text: str) -> tuple[float, float]: ...


class Store(Protocol):
    async def open_index(self, path: str) -> Index: ...


class Geocoder:
    def __init__(self, store: Store, path: str) -> None:
        self._store = store
        self._path = path
        self._lock = asyncio.Lock()
        self._index: Index | None = None

    async def _ensure(self) -> Index:
        if self._index is None:
            async with self._lock:
                if self._index is None:
                    self._index = await self._store.open_index(self._path)
        return self._index

    async def locate(self, text: str) -> tuple[float, float]:
        index = await self._ensure()
        return await index.lookup(text)
