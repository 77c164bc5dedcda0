"""Double-checked entries: whoever waits for the lock asks again, and what is read after it was found or put there at once."""
import asyncio
from typing import Protocol


class Link(Protocol):
    async def send(self, body: bytes) -> None: ...


class Dialer(Protocol):
    async def dial(self, name: str) -> Link: ...


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
        return self._links[name]

    def forget(self, name: str) -> None:
        self._links.pop(name, None)
