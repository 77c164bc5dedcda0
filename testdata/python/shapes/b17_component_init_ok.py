"""A component that the server initialises once; its loop connects, and reads what comes."""
from __future__ import annotations

import asyncio
from typing import Protocol


class Socket(Protocol):
    async def read(self) -> str | None: ...


class Net(Protocol):
    async def connect(self, url: str) -> Socket: ...


class Spools:
    def __init__(self, net: Net, url: str) -> None:
        self.net = net
        self.url = url
        self.closing = False
        self.socket: Socket | None = None
        self.loop_task: asyncio.Task[None] | None = None

    async def component_init(self) -> None:
        self.loop_task = asyncio.create_task(self._connect())

    async def _connect(self) -> None:
        while not self.closing:
            self.socket = await self.net.connect(self.url)
            await self._read()

    async def _read(self) -> None:
        while self.socket is not None:
            message = await self.socket.read()
            if message is None:
                self.socket = None

    async def close(self) -> None:
        self.closing = True
        if self.loop_task is not None:
            self.loop_task.cancel()
            await asyncio.gather(self.loop_task)
