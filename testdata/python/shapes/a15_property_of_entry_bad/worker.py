"""A worker that is restarted on demand."""
from __future__ import annotations

from typing import Protocol


class Process(Protocol):
    async def wait(self) -> int: ...

    async def terminate(self) -> None: ...


class Spawner(Protocol):
    async def spawn(self, command: str) -> Process: ...


class Worker:
    def __init__(self, spawner: Spawner, command: str) -> None:
        self._spawner = spawner
        self._command = command
        self.process: Process | None = None
        self.starts = 0

    @property
    def alive(self) -> bool:
        return self.process is not None

    async def start(self) -> None:
        self.process = await self._spawner.spawn(self._command)
        self.starts += 1

    async def stop(self) -> None:
        process, self.process = self.process, None
        if process is not None:
            await process.terminate()
