"""What is written does not come from what was read before the await."""
import time
from typing import Protocol


class Server(Protocol):
    async def ping(self, name: str, last: float) -> float: ...

    async def lookup(self, name: str) -> str: ...


class Member:
    def __init__(self, server: Server, name: str) -> None:
        self._server = server
        self.name = name
        self.updated = 0.0
        self.address = ""
        self.latency = 0.0

    async def heartbeat(self) -> None:
        await self._server.ping(self.name, self.updated)
        self.updated = time.time()

    async def resolve(self) -> str:
        address = await self._server.lookup(self.name)
        self.address = address
        return self.address

    async def measure(self) -> None:
        self.latency = await self._server.ping(self.name, self.updated)
