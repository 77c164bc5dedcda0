"""Double-checked entries, but something else is awaited before the entry is read: it may be gone by then."""
import asyncio
from typing import Protocol


class Link(Protocol):
    async def send(self, body: bytes) -> None: ...


class Dialer(Protocol):
    async def dial(self, name: str) -> Link: ...

    async def allow(self, name: str) -> None: ...


class Links:
    def __init__(self, dialer: Dialer) -> None:
        self._dialer = dialer
        self._lock = asyncio.Lock()
        self._links: dict[str, Link] = {}

    async def get(self, name: str) -> Link:
        if name not in self._links:
            async with self._lock:
                if name not in self._links:
                    self._links[name] = await self._dialer.dial(name)
        await self._dialer.allow(name)
        return self._links[name]  # BAD: checkthenact

    def forget(self, name: str) -> None:
        self._links.pop(name, None)
