"""The old task's callback clears the handle of the new one."""
import asyncio
import logging
from typing import Protocol

log = logging.getLogger("ping")


class Socket(Protocol):
    async def ping(self) -> None: ...


class Pinger:
    def __init__(self, socket: Socket) -> None:
        self._socket = socket
        self._pinging: asyncio.Task[None] | None = None

    def ping(self) -> None:
        if self._pinging is not None:
            self._pinging.cancel()
        self._pinging = asyncio.create_task(self._socket.ping())
        self._pinging.add_done_callback(self._ping_done)

    def _ping_done(self, task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and task.exception() is not None:
            log.warning("ping failed", exc_info=task.exception())
        self._pinging = None  # BAD: blindremoval

    async def close(self) -> None:
        task = self._pinging
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
