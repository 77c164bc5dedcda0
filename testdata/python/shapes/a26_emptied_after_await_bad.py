"""What there is is handed on, and then everything is thrown away: what has come in meanwhile as well."""
import asyncio
from typing import Protocol


class Sink(Protocol):
    async def send(self, rows: list[int]) -> None: ...

    async def count(self, n: int) -> None: ...

    async def one(self, row: int) -> None: ...


class Batches:
    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._rows: list[int] = []
        self._kept: list[int] = []
        self._single: list[int] = []
        self._same: list[int] = []
        self._hits = 0

    def add(self, row: int) -> None:
        self._rows.append(row)
        self._kept.append(row)
        self._single.append(row)
        self._same.append(row)
        self._hits += 1

    async def flush(self) -> None:
        batch = list(self._rows)
        await self._sink.send(batch)
        self._rows.clear()  # BAD: lostupdate|checkthenact

    async def flush_whole(self) -> None:
        await self._sink.send(self._kept)
        self._kept = []  # BAD: lostupdate|checkthenact

    async def flush_each(self) -> None:
        await asyncio.gather(*(self._sink.one(row) for row in self._single))
        self._single.clear()  # BAD: lostupdate|checkthenact

    async def flush_same(self) -> None:
        await self._sink.send(self._same)
        self._same.clear()  # BAD: lostupdate|checkthenact

    async def report(self) -> None:
        await self._sink.count(self._hits)
        self._hits = 0

    async def send_hits(self) -> None:
        hits = self._hits
        await self._sink.send([hits])
        self._hits = 0  # BAD: lostupdate|checkthenact
