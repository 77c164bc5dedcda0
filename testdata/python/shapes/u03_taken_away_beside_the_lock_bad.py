"""One method holds the lock across an await and relies on what another takes away without it."""
import asyncio
from typing import Protocol


class Link(Protocol):
    async def close(self) -> None: ...


class Wire(Protocol):
    async def connect(self) -> Link: ...

    async def send(self, name: str, text: str) -> None: ...

    async def fetch(self, name: str) -> str: ...


class Room:
    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._lock = asyncio.Lock()
        self._members: dict[str, str] = {}
        self._pages: dict[str, str] = {}
        self._free: list[str] = []
        self._link: Link | None = None

    async def join(self, name: str) -> None:
        async with self._lock:
            await self._wire.send(name, "hello")
            self._members[name] = name

    def leave(self, name: str) -> None:
        self._members.pop(name, None)

    async def shout(self, text: str) -> None:
        async with self._lock:
            for member in self._members.values():  # BAD: iterationrace
                await self._wire.send(member, text)

    async def shout_to_each(self, text: str) -> None:
        async with self._lock:
            for name in list(self._members):
                await self._wire.send(self._members[name], text)  # BAD: checkthenact|iterationrace

    async def put(self, name: str) -> None:
        async with self._lock:
            self._pages[name] = await self._wire.fetch(name)

    async def drop(self, name: str) -> None:
        async with self._lock:
            if name in self._pages:
                await self._wire.send(name, "bye")
                del self._pages[name]  # BAD: checkthenact

    def forget(self, name: str) -> None:
        self._pages.pop(name, None)

    async def take(self) -> str:
        async with self._lock:
            if not self._free:
                raise LookupError
            await self._wire.send("free", "taken")
            return self._free.pop()  # BAD: checkthenact

    def steal(self) -> str | None:
        return self._free.pop() if self._free else None

    async def give(self, name: str) -> None:
        async with self._lock:
            self._free.append(name)

    async def link(self) -> Link:
        async with self._lock:
            if self._link is None:
                self._link = await self._wire.connect()  # BAD: checkthenact
            return self._link

    async def reconnect(self) -> None:
        self._link = await self._wire.connect()

    def lost(self) -> None:
        self._link = None
