"""Each worker may stop its subscriber beside the owner, but nobody starts it while it is stopped."""
import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol


class Consumer(Protocol):
    async def get(self) -> bytes: ...

    async def stop(self) -> None: ...


class Subscriber:
    def __init__(self, make: Callable[[], Consumer], handler: Callable[[bytes], Awaitable[bool]]) -> None:
        self._make = make
        self._handler = handler
        self.consumer: Consumer | None = None
        self.running = False

    async def start(self, *names: str) -> None:
        self.consumer = self._make()
        self.running = True

    async def stop(self) -> None:
        self.running = False
        if self.consumer is not None:
            await self.consumer.stop()
            self.consumer = None

    async def consume(self, consumer: Consumer) -> None:
        while self.running:
            if not await self._handler(await consumer.get()):
                await self.stop()

    async def serve(self) -> None:
        consumer = self._make()
        await asyncio.gather(*[self.consume(consumer) for _ in range(4)])
