"""A timer per lamp; switching again forgets the earlier timer."""
import asyncio
from typing import Protocol


class Lamp(Protocol):
    async def off(self) -> None: ...


class Timers:
    def __init__(self) -> None:
        self._timers: dict[str, asyncio.Task[None]] = {}

    def switch_off_later(self, name: str, lamp: Lamp, delay: float) -> None:
        self._timers[name] = asyncio.create_task(self._later(lamp, delay))  # BAD: overwrittentask

    async def _later(self, lamp: Lamp, delay: float) -> None:
        await asyncio.sleep(delay)
        await lamp.off()

    async def close(self) -> None:
        timers = list(self._timers.values())
        self._timers.clear()
        for timer in timers:
            timer.cancel()
        await asyncio.gather(*timers, return_exceptions=True)
