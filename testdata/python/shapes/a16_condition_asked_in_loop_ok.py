"""Waits for a condition in a loop, by a predicate, or with nothing to take afterwards."""
import asyncio
from typing import Protocol


class Motor(Protocol):
    async def turn(self) -> None: ...


class Turnstile:
    def __init__(self, motor: Motor, places: int) -> None:
        self._motor = motor
        self._places = places
        self._cond = asyncio.Condition()
        self._open = False
        self._used = 0
        self.inside: list[str] = []

    async def enter(self, who: str) -> None:
        async with self._cond:
            while len(self.inside) >= self._places:
                await self._cond.wait()
            self.inside.append(who)

    def _room(self) -> bool:
        return self._used < self._places

    async def take(self) -> None:
        async with self._cond:
            await self._cond.wait_for(self._room)
            self._used += 1

    async def opened(self) -> int:
        async with self._cond:
            if not self._open:
                await self._cond.wait()
            return self._used

    async def open(self) -> None:
        async with self._cond:
            self._open = True
            self._cond.notify_all()

    async def leave(self, who: str) -> None:
        async with self._cond:
            self.inside.remove(who)
            self._used -= 1
            await self._motor.turn()
            self._cond.notify_all()
