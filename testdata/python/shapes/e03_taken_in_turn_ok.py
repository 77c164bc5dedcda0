"""Locks that are free again, or not the same one, when they are taken the second time."""
import asyncio
import threading
from typing import Protocol


class Store(Protocol):
    async def save(self, name: str) -> None: ...


class Sheet:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = asyncio.Lock()
        self._mutex = threading.RLock()
        self._rows: dict[str, int] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def save(self) -> None:
        async with self._lock:
            for name in tuple(self._rows):
                await self._store.save(name)

    async def set(self, name: str, value: int) -> None:
        async with self._lock:
            self._rows[name] = value
            await self._store.save(name)
        await self.save()

    async def move(self, other: "Sheet", name: str) -> None:
        async with self._lock:
            value = self._rows.pop(name)
            await self._store.save(name)
        await other.set(name, value)

    async def save_later(self) -> None:
        async with self._lock:
            await self._store.save("-")
            task = asyncio.create_task(self._guarded_save())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _guarded_save(self) -> None:
        try:
            await self.save()
        except OSError:
            return
        except Exception:
            self._rows.clear()

    def size(self) -> int:
        with self._mutex:
            return len(self._rows)

    def describe(self) -> str:
        with self._mutex:
            return f"{self.size()} rows"

    async def close(self) -> None:
        await asyncio.gather(*self._tasks)


async def copy(source: Sheet, target: Sheet) -> None:
    async with source._lock:
        await target.save()
