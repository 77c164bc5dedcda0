"""Key store whose lock is behind a context manager."""
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Disk(Protocol):
    async def write(self, key: str, value: bytes) -> None: ...


class Store:
    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self._mutex = threading.Lock()
        self._dirty: set[str] = set()

    @contextmanager
    def _exclusive(self) -> Iterator[None]:
        self._mutex.acquire()
        try:
            yield
        finally:
            self._mutex.release()

    def mark(self, key: str) -> None:
        with self._exclusive():
            self._dirty.add(key)

    async def put(self, key: str, value: bytes) -> None:
        with self._exclusive():  # BAD: threadlockawait
            await self._disk.write(key, value)
            self._dirty.discard(key)
