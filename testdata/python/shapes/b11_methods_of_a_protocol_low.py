"""A datagram protocol: its transport calls it for each datagram, and others start it, once."""
from __future__ import annotations

import asyncio


class Beacon(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.running = False
        self.seen: dict[str, int] = {}

    async def start(self) -> None:
        if self.running:
            return
        loop = asyncio.get_running_loop()
        self.transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=("", 1900))
        self.running = True  # LOW: checkthenact

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.seen[addr[0]] = self.seen.get(addr[0], 0) + 1
