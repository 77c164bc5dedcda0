"""Executors of jobs: the first free one is looked up by its number, and taken in the same step."""
from __future__ import annotations

import asyncio
from typing import Protocol


class Executor(Protocol):
    async def checkout(self, job: str) -> str: ...


class Runner:
    def __init__(self, executor: Executor, count: int) -> None:
        self.executor = executor
        self.slots: list[str | None] = [None] * count
        self.seen: list[str] = []

    def _free(self) -> int:
        for number, job in enumerate(self.slots):
            if job is None:
                return number
        raise LookupError("no slot is free")

    async def run(self, job: str) -> int:
        slot = self._free()
        self.slots[slot] = job
        try:
            await self.executor.checkout(job)
        except OSError:
            self.slots[slot] = None
            raise
        return slot

    async def run_looked_up_late(self, job: str) -> int:
        await self.executor.checkout(job)
        slot = self._free()
        self.slots[slot] = job
        return slot

    def note(self, job: str) -> None:
        self.seen.append(job)

    async def renumber(self) -> None:
        for number, job in enumerate(self.seen):
            await self.executor.checkout(job)
            self.seen[number] = "done"

    def ended(self, number: int) -> None:
        self.slots[number] = None


class InTurn:
    def __init__(self, executor: Executor, count: int) -> None:
        self.executor = executor
        self.places: list[str | None] = [None] * count
        self.one = asyncio.Lock()

    def _free(self) -> int:
        for number, job in enumerate(self.places):
            if job is None:
                return number
        raise LookupError("no place is free")

    async def run(self, job: str) -> None:
        async with self.one:
            place = self._free()
            await self.executor.checkout(job)
            self.places[place] = job
        try:
            await self.executor.checkout(job)
        finally:
            self.places[place] = None
