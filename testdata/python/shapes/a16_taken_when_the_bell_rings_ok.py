"""Belts from which several arms pick: each looks again, or they pick one at a time."""
from __future__ import annotations

import asyncio
from collections import deque


class Belt:
    def __init__(self) -> None:
        self._parts: deque[str] = deque()
        self._filled = asyncio.Event()
        self._one = asyncio.Lock()

    def put(self, part: str) -> None:
        self._parts.append(part)
        self._filled.set()

    async def looks_again(self) -> str:
        while not self._parts:
            self._filled.clear()
            await self._filled.wait()
        return self._parts.popleft()

    async def gives_up(self) -> str | None:
        await self._filled.wait()
        try:
            return self._parts.popleft()
        except IndexError:
            return None

    async def looks_once(self) -> str | None:
        await self._filled.wait()
        return self._parts.popleft() if self._parts else None

    async def one_at_a_time(self) -> str:
        async with self._one:
            await self._filled.wait()
            part = self._parts.popleft()
            if not self._parts:
                self._filled.clear()
            return part


class Outbox:
    def __init__(self) -> None:
        self._letters: deque[str] = deque()
        self._some = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    def put(self, letter: str) -> None:
        self._letters.append(letter)
        self._some.set()

    async def _run(self) -> None:
        while True:
            await self._some.wait()
            print(self._letters.popleft())
            if not self._letters:
                self._some.clear()

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task)
