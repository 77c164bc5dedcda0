"""Notices sent through a helper that only keeps what it returns."""
import asyncio
from collections.abc import Coroutine
from typing import Any, Protocol


class Push(Protocol):
    async def push(self, device: str, text: str) -> None: ...


class Notices:
    def __init__(self, push: Push) -> None:
        self._push = push
        self._devices: dict[str, list[str]] = {}

    @staticmethod
    def _schedule(coro: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        return asyncio.ensure_future(coro)  # BAD: untrackedtask @sched

    async def _send(self, device: str, text: str) -> None:
        try:
            await self._push.push(device, text)
        except OSError:
            return

    def notify(self, user: str, text: str) -> None:
        for device in self._devices.get(user, []):
            self._schedule(self._send(device, text))  # BAD: untrackedtask @sched

    async def notify_and_wait(self, user: str, text: str) -> None:
        await asyncio.wait([self._schedule(self._send(d, text)) for d in self._devices.get(user, [])])
