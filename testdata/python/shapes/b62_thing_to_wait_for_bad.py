"""An event that is waited for is shared by all who wait."""
import asyncio
from typing import Protocol


class Source(Protocol):
    async def open_feed(self) -> asyncio.Queue[bytes]: ...


class ArrivalEvent:
    def __init__(self, source: Source) -> None:
        self._source = source
        self._feed: asyncio.Queue[bytes] | None = None

    async def wait(self) -> bytes:
        if self._feed is None:
            self._feed = await self._source.open_feed()  # BAD: checkthenact
        return await self._feed.get()
