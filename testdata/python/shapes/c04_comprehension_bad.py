"""Awaiting inside a comprehension is a loop with a suspension."""
from typing import Protocol


class Sensor(Protocol):
    async def read(self) -> float: ...


class Station:
    def __init__(self) -> None:
        self._sensors: list[Sensor] = []

    def plug(self, sensor: Sensor) -> None:
        self._sensors.append(sensor)

    def unplug(self, sensor: Sensor) -> None:
        self._sensors.remove(sensor)

    async def readings(self) -> list[float]:
        return [await sensor.read() for sensor in self._sensors]  # BAD: iterationrace

    async def warm_up(self) -> None:
        for sensor in [sensor for sensor in self._sensors]:
            await sensor.read()
