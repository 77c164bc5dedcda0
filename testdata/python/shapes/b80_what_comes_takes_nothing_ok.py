"""Ends of a link, read by their number before and after a request; others are only added."""
from __future__ import annotations

from typing import Protocol


class Node(Protocol):
    async def put(self, what: str) -> None: ...


class Link:
    def __init__(self) -> None:
        self.ends: list[Node] = []

    async def add(self, node: Node) -> None:
        self.ends.append(node)
        if len(self.ends) == 2:
            await self.update("new")

    async def update(self, what: str) -> None:
        if len(self.ends) < 2:
            return
        await self.ends[0].put(what)
        await self.ends[1].put(what)
