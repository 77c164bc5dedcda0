"""Pool of SSH connections that grows on demand."""
from __future__ import annotations

import asyncio
from collections import deque
from typing import Protocol


class Ssh(Protocol):
    async def run(self, command: str) -> str: ...


class Transport(Protocol):
    async def dial(self, host: str) -> Ssh: ...


class SshPool:
    def __init__(self, transport: Transport, host: str, limit: int = 4) -> None:
        self._transport = transport
        self._host = host
        self._limit = limit
        self._all: list[Ssh] = []
        self._idle: deque[Ssh] = deque()
        self._wakeup = asyncio.Condition()

    async def take(self) -> Ssh:
        if self._idle:
            return self._idle.popleft()
        if len(self._all) < self._limit:
            conn = await self._transport.dial(self._host)
            self._all.append(conn)  # BAD: checkthenact
            return conn
        async with self._wakeup:
            await self._wakeup.wait_for(lambda: self._idle)
            return self._idle.popleft()

    async def give(self, conn: Ssh) -> None:
        async with self._wakeup:
            self._idle.append(conn)
            self._wakeup.notify()
