"""A generic queue in the syntax of Python 3.12."""
import asyncio
from collections.abc import Awaitable, Callable

type Handler[T] = Callable[[T], Awaitable[None]]


class Dispatcher[T]:
    def __init__(self, handler: Handler[T]) -> None:
        self._handler = handler
        self.accepted = 0

    async def _handle(self, item: T) -> None:
        await self._handler(item)

    def accept(self, item: T) -> None:
        self.accepted += 1
        asyncio.create_task(self._handle(item))  # BAD: untrackedtask

    async def handle(self, item: T) -> None:
        await self._handle(item)
