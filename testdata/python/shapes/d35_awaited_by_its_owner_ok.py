"""Whoever awaits the object awaits the task that it has started."""
import asyncio
from collections.abc import Generator
from typing import Any, Protocol


class Server(Protocol):
    async def register(self, name: str) -> None: ...


class Handle:
    def __init__(self, server: Server, name: str) -> None:
        self._server = server
        self._name = name
        self._started = asyncio.ensure_future(self._start())

    async def _start(self) -> "Handle":
        await self._server.register(self._name)
        return self

    def __await__(self) -> Generator[Any, None, "Handle"]:
        return self._started.__await__()
