"""A server that is stopped once: whoever comes second finds that it does not run any more."""
from __future__ import annotations

import asyncio
from typing import Protocol


class Transport(Protocol):
    def close(self) -> None: ...

    def farewell(self) -> asyncio.Future[None]: ...


class Server:
    def __init__(self, transport: Transport) -> None:
        self.transport = transport
        self.running = True
        self.closed: asyncio.Future[None] | None = None

    def connection_lost(self) -> None:
        if self.closed is not None and not self.closed.done():
            self.closed.set_result(None)

    async def stop(self) -> None:
        if not self.running:
            return
        self.running = False
        self.closed = self.transport.farewell()
        self.transport.close()
        try:
            await asyncio.wait_for(self.closed, 2)
        except TimeoutError:
            pass
        self.closed = None
