"""A condition is waited for in a loop: the test is repeated after each wake-up."""
import asyncio
from collections import deque
from typing import Protocol


class Van(Protocol):
    async def drive(self, parcel: str) -> None: ...


class Depot:
    def __init__(self) -> None:
        self._parcels: deque[str] = deque()
        self._changed = asyncio.Condition()

    async def put(self, parcel: str) -> None:
        async with self._changed:
            self._parcels.append(parcel)
            self._changed.notify()

    async def take(self) -> str:
        async with self._changed:
            while not self._parcels:
                await self._changed.wait()
            return self._parcels.popleft()

    async def take_two(self) -> list[str]:
        async with self._changed:
            await self._changed.wait_for(lambda: len(self._parcels) >= 2)
            return [self._parcels.popleft(), self._parcels.popleft()]
