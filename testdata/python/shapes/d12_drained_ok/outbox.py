"""Outgoing mail."""
from typing import Protocol

from .registry import Registry


class Smtp(Protocol):
    async def send(self, to: str, text: str) -> None: ...

    async def quit(self) -> None: ...


class Outbox:
    def __init__(self, smtp: Smtp) -> None:
        self._smtp = smtp
        self._background = Registry()

    def post(self, to: str, text: str) -> None:
        self._background.spawn(self._smtp.send(to, text))

    async def shutdown(self) -> None:
        await self._background.drain(5)
        await self._smtp.quit()
