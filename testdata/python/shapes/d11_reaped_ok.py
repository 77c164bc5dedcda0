"""Chat bot whose handlers are kept in a set until they are done."""
from __future__ import annotations

import asyncio
import logging
from typing import Protocol

log = logging.getLogger("bot")


class Chat(Protocol):
    async def messages(self) -> list[str]: ...

    async def reply(self, text: str) -> None: ...


class Bot:
    _handlers: set[asyncio.Task[None]]

    def __init__(self, chat: Chat) -> None:
        self._chat = chat
        self._handlers = set()

    def _reap(self, *, wait: bool = False) -> None:
        for task in [t for t in self._handlers if t.done()]:
            self._handlers.remove(task)
            if (error := task.exception()) is not None:
                log.error("handler failed: %r", error)

    async def poll(self) -> None:
        for message in await self._chat.messages():
            self._handlers.add(asyncio.ensure_future(self._chat.reply(message.upper())))
        self._reap()

    async def aclose(self) -> None:
        if self._handlers:
            await asyncio.wait(self._handlers)
        self._reap()
