"""Counters that go up before the await and down after it."""
from typing import Protocol


class Backend(Protocol):
    async def call(self, body: bytes) -> bytes: ...


class Proxy:
    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self.in_flight = 0
        self.peak = 0
        self.by_peer: dict[str, int] = {}

    async def handle(self, peer: str, body: bytes) -> bytes:
        self.in_flight += 1
        self.peak = max(self.peak, self.in_flight)
        self.by_peer[peer] = self.by_peer.get(peer, 0) + 1
        try:
            return await self._backend.call(body)
        finally:
            self.in_flight -= 1
            self.by_peer[peer] -= 1

    async def warm_up(self) -> None:
        self.in_flight += 1
        await self._backend.call(b"")
        self.in_flight -= 1
