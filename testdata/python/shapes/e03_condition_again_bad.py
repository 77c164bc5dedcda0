"""A queue that calls its own locked method with the lock held."""
import asyncio
from typing import Protocol


class Store(Protocol):
    async def write(self, rows: list[str]) -> None: ...


class Outbox:
    def __init__(self, store: Store, limit: int = 10) -> None:
        self._store = store
        self._limit = limit
        self._cond = asyncio.Condition()
        self._rows: list[str] = []

    async def put(self, row: str) -> None:
        async with self._cond:
            self._rows.append(row)
            self._cond.notify_all()
            if len(self._rows) >= self._limit:
                await self.flush()  # BAD: uselesslock

    async def flush(self) -> int:
        async with self._cond:
            rows, self._rows = self._rows, []
            await self._store.write(rows)
            return len(rows)

    async def wait_for_rows(self) -> None:
        async with self._cond:
            await self._cond.wait_for(lambda: len(self._rows) > 0)
