"""Slots that are gone over by their number, as many as there were at first; cars leave meanwhile."""
from __future__ import annotations

from typing import Protocol


class Sensor(Protocol):
    async def free(self, slot: int) -> bool: ...


class Lot:
    def __init__(self, sensor: Sensor) -> None:
        self.sensor = sensor
        self.cars: list[str] = []

    def arrive(self, car: str) -> None:
        self.cars.append(car)

    def depart(self, car: str) -> None:
        self.cars.remove(car)

    async def missing(self) -> list[str]:
        missing = []
        for i in range(len(self.cars)):
            if await self.sensor.free(i):
                missing.append(self.cars[i])  # BAD: checkthenact
        return missing

    async def first_look(self) -> int:
        free = 0
        for i in range(len(self.cars)):
            car = self.cars[i]  # BAD: checkthenact
            free += await self.sensor.free(i) and car != ""
        return free
