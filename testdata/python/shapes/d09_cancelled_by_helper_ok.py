"""The earlier task is cancelled by a helper, in the function that starts the new one or in its only caller."""
import asyncio
import logging
from typing import Protocol

log = logging.getLogger("shard")


class Socket(Protocol):
    async def poll(self) -> None: ...

    async def reopen(self) -> "Socket": ...


class Shard:
    def __init__(self, socket: Socket) -> None:
        self._socket = socket
        self._task: asyncio.Task[None] | None = None
        self._beat: asyncio.Task[None] | None = None

    def launch(self) -> None:
        self._task = asyncio.create_task(self._work())

    def _cancel_task(self) -> None:
        if self._task is not None and not self._task.done():
            self._task.cancel()

    def _cancel_beat(self) -> None:
        if self._beat is not None:
            self._beat.cancel()

    async def reidentify(self) -> None:
        self._cancel_task()
        try:
            self._socket = await self._socket.reopen()
        except OSError:
            log.exception("cannot reopen")
        else:
            self.launch()

    def beat(self) -> None:
        self._cancel_beat()
        self._beat = asyncio.create_task(self._work())

    async def _work(self) -> None:
        while True:
            try:
                await self._socket.poll()
            except Exception:
                log.exception("poll failed")
                return

    async def close(self) -> None:
        self._cancel_task()
        self._cancel_beat()
