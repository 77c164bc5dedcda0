"""The lock is taken inside an async context manager method."""
import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol


class Store(Protocol):
    async def load(self, key: str) -> list[str]: ...

    async def save(self, key: str, rows: list[str]) -> None: ...


class Tables:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._mutex = asyncio.Lock()
        self._tables: dict[str, list[str]] = {}

    @asynccontextmanager
    async def _exclusive(self) -> AsyncIterator[dict[str, list[str]]]:
        async with self._mutex:
            yield self._tables

    async def table(self, key: str) -> list[str]:
        async with self._exclusive():
            if key not in self._tables:
                self._tables[key] = await self._store.load(key)
            return self._tables[key]

    async def replace(self, key: str, rows: list[str]) -> None:
        async with self._exclusive() as tables:
            await self._store.save(key, rows)
            tables[key] = rows
