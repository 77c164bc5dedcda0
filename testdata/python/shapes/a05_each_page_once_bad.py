"""Each page is visited once, but several at a time add to one sum: what reserves a page does not reserve the sum."""
from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Protocol


class Client(Protocol):
    async def size(self, url: str) -> int: ...


@dataclass
class Totals:
    bytes: int = 0
    pages: int = 0


class Crawl:
    def __init__(self, client: Client) -> None:
        self._client = client
        self._seen: set[str] = set()
        self.totals = Totals()

    async def visit(self, url: str) -> None:
        if url in self._seen:
            return
        self._seen.add(url)
        self.totals.bytes += await self._client.size(url)  # BAD: lostupdate
        self.totals.pages += 1

    async def run(self, urls: list[str]) -> int:
        await asyncio.gather(*(self.visit(url) for url in urls))
        return self.totals.bytes
