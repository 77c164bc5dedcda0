"""A pool of workers on one queue."""
import asyncio
import logging
from collections.abc import Awaitable, Callable

log = logging.getLogger("workers")


class Workers:
    def __init__(self, handle: Callable[[str], Awaitable[None]], size: int = 3) -> None:
        self._handle = handle
        self._size = size
        self._queue: asyncio.Queue[str | None] = asyncio.Queue(100)
        self._workers: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> "Workers":
        self._workers = [asyncio.create_task(self._work(n)) for n in range(self._size)]
        return self

    async def put(self, item: str) -> None:
        await self._queue.put(item)

    async def _work(self, number: int) -> None:
        while (item := await self._queue.get()) is not None:
            try:
                await self._handle(item)
            except Exception:
                log.exception("worker %d: %s", number, item)
            finally:
                self._queue.task_done()

    async def __aexit__(self, *exc: object) -> None:
        for _ in self._workers:
            await self._queue.put(None)
        await asyncio.gather(*self._workers)
        self._workers.clear()
