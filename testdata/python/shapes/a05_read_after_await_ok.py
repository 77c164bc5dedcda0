"""Energy readings; the meter is asked first, then the sum is read and written."""
from typing import Protocol


class Meter(Protocol):
    async def reading(self) -> float: ...


class EnergyLog:
    def __init__(self) -> None:
        self.total = 0.0
        self.by_room: dict[str, float] = {}
        self.readings = 0

    async def add(self, meter: Meter) -> None:
        self.total = await meter.reading() + self.total
        self.readings += 1

    async def add_room(self, room: str, meter: Meter) -> None:
        value = await meter.reading()
        self.by_room[room] = self.by_room.get(room, 0.0) + value
        self.total += value

    async def add_all(self, meters: list[Meter]) -> None:
        for meter in meters:
            await self.add(meter)
