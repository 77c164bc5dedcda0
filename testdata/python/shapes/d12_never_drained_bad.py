"""`close()` closes the transport and forgets the listening task."""
import asyncio
import logging
from typing import Protocol

log = logging.getLogger("inproc")


class Transport(Protocol):
    async def receive(self) -> bytes: ...

    async def close(self) -> None: ...


class Listener:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._listening: asyncio.Task[None] | None = None
        self.messages: list[bytes] = []

    async def start(self) -> None:
        if self._listening is None:
            self._listening = asyncio.create_task(self._listen())  # BAD: undrainedtasks

    async def _listen(self) -> None:
        while True:
            try:
                self.messages.append(await self._transport.receive())
            except Exception:
                log.exception("receive failed")
                return

    async def close(self) -> None:
        await self._transport.close()
        self.messages.clear()
