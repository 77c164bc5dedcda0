"""Relays events; tasks of slow peers are kept by peer and awaited before the next event."""
import asyncio as aio
from typing import Protocol


class Peer(Protocol):
    slow: bool

    async def send(self, event: str) -> None: ...


class Relay:
    def __init__(self) -> None:
        self._peers: list[Peer] = []
        self._slow: dict[int, aio.Task[None]] = {}
        self.lost = 0

    async def _send(self, peer: Peer, event: str) -> None:
        try:
            await peer.send(event)
        except OSError:
            self.lost += 1

    async def _settle(self) -> None:
        slow, self._slow = self._slow, {}
        for task in slow.values():
            await task

    async def relay(self, event: str) -> None:
        await self._settle()
        for number, peer in enumerate(tuple(self._peers)):
            if peer.slow:
                self._slow[number] = aio.create_task(self._send(peer, event))
            else:
                await self._send(peer, event)

    async def __aexit__(self, *_: object) -> None:
        await self._settle()
