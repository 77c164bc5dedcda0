"""The same task takes the lock again, two calls further down: it waits for itself."""
import asyncio
from typing import Protocol


class Store(Protocol):
    async def save(self, rows: dict[str, int]) -> None: ...


class Sheet:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = asyncio.Lock()
        self._rows: dict[str, int] = {}

    async def save(self) -> None:
        async with self._lock:
            await self._store.save(dict(self._rows))

    async def _after(self) -> None:
        if len(self._rows) % 10 == 0:
            await self.save()

    async def set(self, name: str, value: int) -> None:
        async with self._lock:
            self._rows[name] = value
            await self._after()  # BAD: uselesslock
