"""The helper of the start is called by whoever wants to read, too."""
from typing import Protocol


class Feed(Protocol):
    async def close(self) -> None: ...

    async def read(self) -> bytes: ...


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
        self._feed = await self._bus.subscribe(self._name)  # BAD: checkthenact

    async def read(self) -> bytes:
        await self._open()
        assert self._feed is not None
        return await self._feed.read()
