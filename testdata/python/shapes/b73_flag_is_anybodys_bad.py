"""A flag says whether there is an owner: two find none, and the second is an owner beside the first."""
import asyncio
from typing import Protocol


class Disk(Protocol):
    async def free(self) -> bool: ...

    async def mount(self, bucket: str, owner: str) -> None: ...


class Mounts:
    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self._owner: str | None = None

    async def mount(self, bucket: str) -> None:
        if self._owner is None:
            await self._disk.free()
            self._owner = bucket  # BAD: checkthenact
            await self._disk.mount(bucket, bucket)

    def give_up(self) -> None:
        self._owner = None
