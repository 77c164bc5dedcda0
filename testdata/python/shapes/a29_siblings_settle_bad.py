"""First answer of several servers wins."""
from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Protocol


class Server(Protocol):
    async def ask(self, question: str) -> str: ...


class Race:
    def __init__(self, servers: Iterable[Server]) -> None:
        self._servers = list(servers)
        self.answered = 0

    async def _ask(self, server: Server, question: str, result: asyncio.Future[str]) -> None:
        answer = await server.ask(question)
        result.set_result(answer)  # BAD: checkthenact
        self.answered += 1

    async def first(self, question: str) -> str:
        result: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        async with asyncio.TaskGroup() as group:
            for server in self._servers:
                group.create_task(self._ask(server, question, result))
        return await result
