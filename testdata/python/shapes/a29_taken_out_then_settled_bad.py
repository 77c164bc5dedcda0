"""A future is taken out of the queue of waiters; whoever waits for it may give up before it is settled."""
from __future__ import annotations

import asyncio
from collections import deque
from typing import Protocol


class Store(Protocol):
    async def keep(self, line: str) -> None: ...


class Line:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: deque[asyncio.Future[str]] = deque()
        self._replies: dict[int, asyncio.Future[str]] = {}

    async def ask(self, number: int) -> str:
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._waiting.append(answer)
        self._replies[number] = answer
        async with asyncio.timeout(2):
            return await answer

    async def on_line(self, text: str) -> None:
        if not self._waiting:
            return
        answer = self._waiting.popleft()
        if answer.cancelled():
            return
        await self._store.keep(text)
        answer.set_result(text)  # BAD: checkthenact

    async def on_reply(self, number: int, text: str) -> None:
        reply = self._replies.pop(number, None)
        if reply is None or reply.done():
            return
        await self._store.keep(text)
        reply.set_result(text)  # BAD: checkthenact

    async def on_more(self, texts: list[str]) -> None:
        for text in texts:
            await self._store.keep(text)
            while self._waiting:
                answer = self._waiting.popleft()
                if not answer.done():
                    answer.set_result(text)
                    break

    async def on_late(self, number: int, text: str) -> None:
        reply = self._replies.pop(number, None)
        await self._store.keep(text)
        if reply is not None and not reply.done():
            reply.set_result(text)
