"""The stop idiom of a component that is started by its constructor alone."""
import asyncio
import contextlib
from typing import Protocol


class Clock(Protocol):
    async def tick(self) -> None: ...


class Metronome:
    def __init__(self, clock: Clock, loop: asyncio.AbstractEventLoop) -> None:
        self._clock = clock
        self._task: asyncio.Task[None] | None = loop.create_task(self._run())
        self.ticks = 0

    async def _run(self) -> None:
        while True:
            await self._clock.tick()
            self.ticks += 1

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None
