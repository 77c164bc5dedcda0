"""Host and port belong together; one method sets the host without the lock."""
import asyncio
from typing import Protocol


class Resolver(Protocol):
    async def announce(self, host: str) -> None: ...

    async def lookup(self, name: str) -> str: ...


class Address:
    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._lock = asyncio.Lock()
        self.host = "localhost"
        self.port = 5432

    async def move(self, host: str, port: int) -> None:
        async with self._lock:
            self.host = host
            await self._resolver.announce(host)
            self.port = port

    async def follow(self, name: str) -> None:
        async with self._lock:
            self.port = 0
            self.host = await self._resolver.lookup(name)
            self.port = 5432

    def use_default(self) -> None:
        self.host = "localhost"  # GAP: unevenguard
