"""Topology is announced as loaded before it is."""
import asyncio
from typing import Protocol


class Directory(Protocol):
    async def nodes(self) -> list[str]: ...


class Topology:
    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._lock = asyncio.Lock()
        self._needs_load = True
        self._nodes: list[str] = []

    async def ensure_loaded(self) -> None:
        if self._needs_load:
            async with self._lock:
                if self._needs_load:
                    self._needs_load = False  # GAP: checkthenact
                    self._nodes = await self._directory.nodes()

    async def pick(self, key: str) -> str:
        await self.ensure_loaded()
        return self._nodes[hash(key) % len(self._nodes)]
