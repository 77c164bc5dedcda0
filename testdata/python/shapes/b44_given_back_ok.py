"""Render contexts, counted before they are created."""
from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol


class Ctx(Protocol):
    async def draw(self, what: str) -> str: ...


class Gpu(Protocol):
    async def new_context(self) -> Ctx: ...


class RenderPool:
    MAX = 5

    def __init__(self, gpu: Gpu) -> None:
        self._gpu = gpu
        self._idle: list[Ctx] = []
        self.created = 0

    async def _make(self) -> Ctx:
        if self.created >= self.MAX:
            raise RuntimeError("no context left")
        self.created += 1
        try:
            return await self._gpu.new_context()
        except BaseException:
            self.created -= 1
            raise

    @asynccontextmanager
    async def context(self) -> AsyncIterator[Ctx]:
        ctx = self._idle.pop() if self._idle else await self._make()
        try:
            yield ctx
        finally:
            self._idle.append(ctx)

    async def draw(self, what: str) -> str:
        async with self.context() as ctx:
            return await ctx.draw(what)
