"""Whoever takes something away holds the lock, or takes only what the other does not rely on."""
import asyncio
from typing import Protocol


class Wire(Protocol):
    async def send(self, name: str, text: str) -> None: ...

    async def fetch(self, name: str) -> str: ...


class Room:
    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._lock = asyncio.Lock()
        self._members: dict[str, str] = {}
        self._pages: dict[str, str] = {}
        self._latest: str | None = None

    async def join(self, name: str) -> None:
        async with self._lock:
            await self._wire.send(name, "hello")
            self._members[name] = name

    async def leave(self, name: str) -> None:
        async with self._lock:
            self._members.pop(name, None)

    async def shout(self, text: str) -> None:
        async with self._lock:
            for member in self._members.values():
                await self._wire.send(member, text)
            self._reset()

    def _reset(self) -> None:
        self._members.clear()

    async def drop(self, name: str) -> None:
        async with self._lock:
            if name in self._pages:
                await self._wire.send(name, "bye")
                self._pages.pop(name, None)

    def forget(self, name: str) -> None:
        self._pages.pop(name, None)

    async def latest(self) -> str:
        async with self._lock:
            if self._latest is None:
                self._latest = await self._wire.fetch("latest")
            return self._latest

    def invalidate(self) -> None:
        self._latest = None
