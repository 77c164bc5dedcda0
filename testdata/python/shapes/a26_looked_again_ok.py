"""Waits for entries; clears the event only if nothing came meanwhile."""
import asyncio
from typing import Protocol


class Node(Protocol):
    async def replicate(self, entry: str) -> None: ...


class Replicator:
    def __init__(self, node: Node) -> None:
        self._node = node
        self._entries: list[str] = []
        self._new = asyncio.Event()
        self.sent = 0

    def append(self, entry: str) -> None:
        self._entries.append(entry)
        self._new.set()

    async def run(self) -> None:
        while True:
            await self._new.wait()
            while self._entries:
                entry = self._entries.pop(0)
                await self._node.replicate(entry)
                self.sent += 1
            self._new.clear()
