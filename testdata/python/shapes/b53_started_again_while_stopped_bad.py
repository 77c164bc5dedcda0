"""A reconnect starts the subscriber again while it is being stopped."""
from collections.abc import Callable
from typing import Protocol


class Consumer(Protocol):
    async def get(self) -> bytes: ...

    async def stop(self) -> None: ...


class Subscriber:
    def __init__(self, make: Callable[[], Consumer]) -> None:
        self._make = make
        self.consumer: Consumer | None = None

    async def start(self) -> None:
        self.consumer = self._make()

    async def on_reconnect(self) -> None:
        await self.start()

    async def stop(self) -> None:
        if self.consumer is not None:
            await self.consumer.stop()
            self.consumer = None  # BAD: checkthenact
