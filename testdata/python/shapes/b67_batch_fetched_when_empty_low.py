"""What is at hand is given out first, more is fetched when nothing is left: two that fetch leave two batches."""
import collections
from typing import Protocol


class Source(Protocol):
    async def fetch(self, limit: int) -> list[str]: ...


class Feed:
    def __init__(self, source: Source) -> None:
        self._source = source
        self._ready: collections.deque[str] = collections.deque()

    async def next(self) -> str | None:
        if self._ready:
            return self._ready.popleft()
        batch = await self._source.fetch(10)
        if not batch:
            return None
        self._ready.extend(batch[1:])  # LOW: checkthenact
        return batch[0]

    async def give_back(self, item: str) -> None:
        self._ready.appendleft(item)
