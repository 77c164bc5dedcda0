"""The event is cleared before the drain: what comes later sets it again."""
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

    async def run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            blocks, self._blocks = self._blocks, []
            for block in blocks:
                await self._disk.write(block)
