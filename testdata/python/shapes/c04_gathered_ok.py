"""The comprehension only makes coroutines; nothing runs before it is complete."""
import asyncio
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
        return await asyncio.gather(*(sensor.read() for sensor in self._sensors))

    async def readings_in_group(self) -> list[float]:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(sensor.read()) for sensor in self._sensors]
        return [task.result() for task in tasks]
