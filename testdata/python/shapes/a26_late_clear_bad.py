"""The wake-up that arrives during the drain is cleared away with the one that was served."""
import asyncio
from typing import Protocol


class Disk(Protocol):
    async def write(self, block: bytes) -> None: ...


class Writer:
    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self._wake = asyncio.Event()
        self._blocks: list[bytes] = []

    def put(self, block: bytes) -> None:
        self._blocks.append(block)
        self._wake.set()

    async def _drain(self) -> None:
        blocks, self._blocks = self._blocks, []
        for block in blocks:
            await self._disk.write(block)

    async def run(self) -> None:
        while True:
            await self._wake.wait()
            await self._drain()
            self._wake.clear()  # BAD: checkthenact
