"""Executors of jobs: the first free one is looked up by its number, and taken after the checkout."""
from __future__ import annotations

from typing import Protocol


class Executor(Protocol):
    async def checkout(self, job: str) -> str: ...


class Runner:
    def __init__(self, executor: Executor, count: int) -> None:
        self.executor = executor
        self.slots: list[str | None] = [None] * count

    def _numbered(self) -> int:
        for number, job in enumerate(self.slots):
            if job is None:
                return number
        raise LookupError("no slot is free")

    def _counted(self) -> int:
        for number in range(len(self.slots)):
            if self.slots[number] is None:
                return number
        return -1

    async def run(self, job: str) -> int:
        slot = self._numbered()
        await self.executor.checkout(job)
        self.slots[slot] = job  # BAD: checkthenact|lostupdate
        return slot

    async def run_counted(self, job: str) -> int:
        slot = self._counted()
        if slot < 0:
            raise LookupError("no slot is free")
        await self.executor.checkout(job)
        self.slots[slot] = job  # BAD: checkthenact|lostupdate
        return slot

    async def run_here(self, job: str) -> int:
        for number, taken in enumerate(self.slots):
            if taken is None:
                await self.executor.checkout(job)
                self.slots[number] = job  # BAD: checkthenact|lostupdate
                return number
        raise LookupError("no slot is free")

    def ended(self, number: int) -> None:
        self.slots[number] = None
