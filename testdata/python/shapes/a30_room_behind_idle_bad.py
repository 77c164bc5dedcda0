"""Whoever waits for a free session looks at the idle ones again, but not at how many there are."""
from __future__ import annotations

import asyncio
from collections import deque
from typing import Protocol


class Session(Protocol):
    async def ping(self) -> None: ...


class Dialer(Protocol):
    async def dial(self) -> Session: ...


class Pool:
    def __init__(self, dialer: Dialer, size: int) -> None:
        self._dialer = dialer
        self._size = size
        self._idle: deque[Session] = deque()
        self._made = 0
        self._waiters: deque[asyncio.Future[None]] = deque()

    async def get(self) -> Session:
        if not self._idle and self._made >= self._size:
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiters.append(waiter)
            await waiter
        if self._idle:
            return self._idle.popleft()
        self._made += 1  # BAD: checkthenact
        return await self._dialer.dial()

    async def get_in_turn(self) -> Session:
        while not self._idle and self._made >= self._size:
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiters.append(waiter)
            await waiter
        if self._idle:
            return self._idle.popleft()
        self._made += 1
        return await self._dialer.dial()

    def put(self, session: Session) -> None:
        self._idle.append(session)
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                break
