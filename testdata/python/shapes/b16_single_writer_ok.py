"""One background loop is the only one to touch its fields."""
import asyncio
import contextlib
from typing import Protocol


class Broker(Protocol):
    async def fetch(self, offset: int) -> list[bytes]: ...

    async def open_cursor(self, offset: int) -> int: ...


class Consumer:
    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._offset = 0
        self._cursor: int | None = None
        self._task: asyncio.Task[None] | None = None
        self.queue: asyncio.Queue[bytes] = asyncio.Queue()

    async def __aenter__(self) -> "Consumer":
        self._task = asyncio.create_task(self._fetch_loop())
        return self

    async def _fetch_loop(self) -> None:
        while True:
            if self._cursor is None:
                self._cursor = await self._broker.open_cursor(self._offset)
            offset = self._offset
            messages = await self._broker.fetch(offset)
            self._offset = offset + len(messages)
            for message in messages:
                await self.queue.put(message)
            if not messages:
                self._cursor = None

    async def __aexit__(self, *exc: object) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
