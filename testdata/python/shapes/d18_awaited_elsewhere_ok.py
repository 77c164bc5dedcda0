"""Awaited in another branch, after the branches, through a global, or made by a lambda."""
from __future__ import annotations

import asyncio
from typing import Protocol

warmup: asyncio.Task[int] | None = None


class Cache(Protocol):
    async def load(self, part: str) -> int: ...


async def load(cache: Cache, eager: bool) -> int:
    if eager:
        task = asyncio.create_task(cache.load("all"))
    else:
        task = asyncio.create_task(cache.load("some"))
    await asyncio.sleep(0)
    return await task


async def load_maybe(cache: Cache, wanted: bool) -> int:
    task = asyncio.create_task(cache.load("part"))
    if not wanted:
        task.cancel()
        return 0
    return await task


def start_warmup(cache: Cache) -> None:
    global warmup
    if warmup is None:
        warmup = asyncio.create_task(cache.load("warmup"))


async def finish_warmup() -> int:
    return 0 if warmup is None else await warmup


async def loads(cache: Cache, parts: list[str]) -> list[int]:
    start = lambda part: asyncio.create_task(cache.load(part))
    return [await task for task in [start(part) for part in parts]]
