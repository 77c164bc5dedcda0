"""A thread lock is entered through an exit stack, and held across an await; another is left in time."""
import threading
from contextlib import ExitStack
from typing import Protocol


class Disk(Protocol):
    async def write(self, row: str) -> None: ...


class Log:
    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self._mutex = threading.Lock()
        self._rows: list[str] = []

    async def add(self, row: str) -> None:
        with ExitStack() as stack:
            stack.enter_context(self._mutex)  # BAD: threadlockawait
            await self._disk.write(row)
            self._rows.append(row)

    async def add_first(self, row: str) -> None:
        with ExitStack() as stack:
            stack.enter_context(self._mutex)
            self._rows.append(row)
        await self._disk.write(row)
