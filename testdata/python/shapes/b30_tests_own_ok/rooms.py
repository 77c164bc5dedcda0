"""Rooms, and their test: what the test does says nothing about the code, and is the test's own."""
from typing import Protocol


class Lamp(Protocol):
    async def on(self) -> None: ...


class Room:
    def __init__(self, lamp: Lamp) -> None:
        self._lamp = lamp
        self.lit = 0

    async def light(self) -> int:
        await self._lamp.on()
        self.lit += 1
        return self.lit
