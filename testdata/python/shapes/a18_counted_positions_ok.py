"""Slots that are gone over by their number, which is compared with the length again, or of a list that only grows."""
from __future__ import annotations

from typing import Protocol


class Sensor(Protocol):
    async def free(self, slot: int) -> bool: ...


class Lot:
    def __init__(self, sensor: Sensor) -> None:
        self.sensor = sensor
        self.cars: list[str] = []
        self.seen: list[str] = []

    def arrive(self, car: str) -> None:
        self.cars.append(car)
        self.seen.append(car)

    def depart(self, car: str) -> None:
        self.cars.remove(car)

    async def again(self) -> list[str]:
        missing = []
        for i in range(len(self.cars)):
            free = await self.sensor.free(i)
            if i >= len(self.cars):
                break
            if free:
                missing.append(self.cars[i])
        return missing

    async def caught(self) -> list[str]:
        missing = []
        for i in range(len(self.cars)):
            await self.sensor.free(i)
            try:
                missing.append(self.cars[i])
            except IndexError:
                break
        return missing

    async def grown(self) -> list[str]:
        out = []
        for i in range(len(self.seen)):
            if await self.sensor.free(i):
                out.append(self.seen[i])
        return out

    async def copied(self) -> int:
        cars = list(self.cars)
        free = 0
        for i in range(len(cars)):
            free += await self.sensor.free(i) and cars[i] != ""
        return free
