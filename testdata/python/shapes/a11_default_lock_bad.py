"""A lock is made in the call that uses it, unless the caller brings one; nobody does."""
import asyncio
from typing import Protocol


class Robot(Protocol):
    async def move(self, slot: int) -> None: ...


class Carousel:
    def __init__(self, robot: Robot) -> None:
        self._robot = robot
        self._position = 0

    async def _step(self, by: int) -> int:
        guard = self._guard()
        async with guard:  # BAD: uselesslock
            position = self._position
            await self._robot.move(position + by)
            self._position = position + by  # MAYBE: lostupdate
            return self._position

    def _guard(self) -> asyncio.Lock:
        return asyncio.Lock()

    async def forward(self) -> int:
        return await self._step(1)

    async def back(self) -> int:
        return await self._step(-1)
