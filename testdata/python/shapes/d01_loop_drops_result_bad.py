"""Retries scheduled with call_later."""
import asyncio
import functools
import logging
from typing import Protocol

log = logging.getLogger("retry")


class Uplink(Protocol):
    async def send(self, data: bytes) -> None: ...


class Retry:
    def __init__(self, uplink: Uplink) -> None:
        self._uplink = uplink
        self.attempts = 0

    async def _send(self, data: bytes) -> None:
        self.attempts += 1
        try:
            await self._uplink.send(data)
        except OSError:
            self._again(data)

    def _again(self, data: bytes) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(0.5, lambda: loop.create_task(self._send(data)))  # BAD: untrackedtask

    def again_soon(self, data: bytes) -> None:
        loop = asyncio.get_running_loop()
        loop.call_soon(asyncio.ensure_future, self._send(data))  # BAD: untrackedtask

    async def send(self, data: bytes) -> None:
        await self._send(data)


def soon(loop: asyncio.AbstractEventLoop, uplink: Uplink, data: bytes) -> None:
    loop.call_later(1, functools.partial(asyncio.create_task, uplink.send(data)))  # BAD: untrackedtask
