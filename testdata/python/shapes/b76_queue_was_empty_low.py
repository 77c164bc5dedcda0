"""A reader finds its queue empty and ends; whoever closes wakes the readers up."""
import asyncio
from collections.abc import AsyncIterator


class Session:
    def __init__(self) -> None:
        self._queue: asyncio.Queue[str] = asyncio.Queue()
        self._readers = 0
        self._closed = False
        self._error: Exception | None = None

    def put(self, item: str) -> None:
        self._queue.put_nowait(item)

    async def close(self) -> None:
        self._closed = True
        for _ in range(self._readers):
            self._queue.put_nowait("")  # LOW: checkthenact

    async def items(self) -> AsyncIterator[str]:
        while True:
            if self._closed and self._queue.empty():
                return
            if self._error is not None:
                await self.close()  # LOW: checkthenact
                raise self._error
            self._readers += 1
            try:
                item = await self._queue.get()
            finally:
                self._readers -= 1
            if not item:
                return
            yield item
