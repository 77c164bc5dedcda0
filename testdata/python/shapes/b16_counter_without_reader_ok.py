"""Statistics go up in one step and decide nothing."""
import asyncio
from typing import Protocol


class Peer(Protocol):
    async def send(self, body: bytes) -> int: ...


class Link:
    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self.sent = 0
        self.failed = 0
        self.last_size: int | None = None

    async def send(self, body: bytes) -> bool:
        try:
            size = await asyncio.wait_for(self._peer.send(body), 5)
        except TimeoutError:
            self.failed += 1
            return False
        self.sent += size
        if self.last_size is None or size > self.last_size:
            self.last_size = size
        return True
