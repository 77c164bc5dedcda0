"""Each worker thread runs a loop of its own; an asyncio lock knows one loop only."""
import asyncio
from typing import Protocol


class Sink(Protocol):
    async def write(self, offset: int, line: str) -> None: ...


class SharedLog:
    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._lock = asyncio.Lock()
        self._offset = 0

    async def write(self, line: str) -> int:
        async with self._lock:  # BAD: uselesslock
            offset = self._offset
            await self._sink.write(offset, line)
            self._offset = offset + len(line)  # MAYBE: lostupdate|checkthenact
            return offset

    def write_from_thread(self, line: str) -> int:
        return asyncio.run(self.write(line))

    async def write_many(self, lines: list[str]) -> None:
        await asyncio.gather(*(asyncio.to_thread(self.write_from_thread, line) for line in lines))
