"""A turnstile on a condition: asked once instead of in a loop."""
import asyncio
from typing import Protocol


class Motor(Protocol):
    async def turn(self) -> None: ...


class Turnstile:
    def __init__(self, motor: Motor, places: int) -> None:
        self._motor = motor
        self._places = places
        self._cond = asyncio.Condition()
        self.inside: list[str] = []

    async def enter(self, who: str) -> None:
        async with self._cond:
            if len(self.inside) >= self._places:
                await self._cond.wait()
            self.inside.append(who)  # BAD: checkthenact

    async def leave(self, who: str) -> None:
        async with self._cond:
            self.inside.remove(who)
            await self._motor.turn()
            self._cond.notify_all()
