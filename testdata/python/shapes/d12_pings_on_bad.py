"""A session with a keep-alive task that close() forgets."""
from __future__ import annotations

import asyncio
import logging
from typing import Protocol

log = logging.getLogger("session")


class Transport(Protocol):
    async def ping(self) -> None: ...

    async def close(self) -> None: ...


class Client:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._keepalive: asyncio.Task[None] | None = None

    async def open(self) -> None:
        if self._keepalive is None:
            self._keepalive = asyncio.create_task(self._ping())  # BAD: undrainedtasks

    async def _ping(self) -> None:
        while True:
            await asyncio.sleep(10)
            try:
                await self._transport.ping()
            except Exception:
                log.exception("ping failed")

    async def close(self) -> None:
        await self._transport.close()
        log.info("closed")
