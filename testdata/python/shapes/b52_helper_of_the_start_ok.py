"""What only the start of an object calls runs once, as the start does."""
from typing import Protocol


class Feed(Protocol):
    async def close(self) -> None: ...


class Bus(Protocol):
    async def declare(self, name: str) -> None: ...

    async def subscribe(self, name: str) -> Feed: ...


class Subscriber:
    def __init__(self, bus: Bus, name: str) -> None:
        self._bus = bus
        self._name = name
        self._feed: Feed | None = None

    async def start(self) -> None:
        await self._open()

    async def _open(self) -> None:
        if self._feed:
            return
        await self._bus.declare(self._name)
        self._feed = await self._bus.subscribe(self._name)

    def name(self) -> str:
        return self._name
