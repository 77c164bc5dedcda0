"""A bounded queue is asked whether it is full, and filled without waiting after an await."""
import asyncio
from typing import Protocol


class Screening(Protocol):
    async def screen(self, item: str) -> bool: ...


class Intake:
    def __init__(self, screening: Screening, depth: int) -> None:
        self._screening = screening
        self._queue: asyncio.Queue[str] = asyncio.Queue(maxsize=depth)
        self.refused = 0

    async def offer(self, item: str) -> None:
        if self._queue.full():
            raise OverflowError(item)
        if not await self._screening.screen(item):
            self.refused += 1
            return
        self._queue.put_nowait(item)  # BAD: checkthenact

    async def take(self) -> str:
        return await self._queue.get()
