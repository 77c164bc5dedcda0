"""The table holds records, and each record its task: the shutdown waits for the tasks in the records."""
import asyncio
from dataclasses import dataclass


@dataclass
class Errand:
    name: str
    task: asyncio.Task[None] | None = None


class Office:
    def __init__(self) -> None:
        self._errands: dict[int, Errand] = {}
        self._number = 0

    def send(self, name: str) -> int:
        self._number += 1
        errand = Errand(name)
        errand.task = asyncio.create_task(self._run(name))
        self._errands[self._number] = errand
        return self._number

    async def close(self) -> None:
        running = [e.task for e in self._errands.values() if e.task]
        if running:
            await asyncio.gather(*running)

    async def _run(self, name: str) -> None:
        await asyncio.sleep(len(name))
