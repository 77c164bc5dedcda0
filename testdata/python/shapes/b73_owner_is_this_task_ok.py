"""Whether this very task is the owner, no other task changes."""
import asyncio
from typing import Protocol


class Disk(Protocol):
    async def mount(self, bucket: str) -> None: ...


class Mounts:
    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self._lock = asyncio.Lock()
        self._owner: asyncio.Task[object] | None = None

    async def mount(self, bucket: str) -> None:
        task = asyncio.current_task()
        if self._owner is task:
            await self._disk.mount(bucket)
            return
        async with self._lock:
            self._owner = task
            try:
                await self._disk.mount(bucket)
            finally:
                self._owner = None
