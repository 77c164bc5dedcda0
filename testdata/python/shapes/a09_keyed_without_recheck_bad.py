"""Per-region clients; the membership test stands outside the lock."""
import asyncio
from typing import Any, Protocol


class Factory(Protocol):
    async def create_client(self, region: str) -> Any: ...


class Regions:
    def __init__(self, factory: Factory) -> None:
        self._factory = factory
        self._clients: dict[str, Any] = {}
        self._guard = asyncio.Lock()

    async def client(self, region: str) -> Any:
        client = self._clients.get(region)
        if client is None:
            await self._guard.acquire()
            try:
                client = await self._factory.create_client(region)
                self._clients[region] = client  # BAD: checkthenact
            finally:
                self._guard.release()
        return client
