"""Each item is looked up again after the await."""
from typing import Protocol


class Meter(Protocol):
    async def measure(self, key: str) -> int: ...


class Usage:
    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        self._usage: dict[str, list[int]] = {}

    def open(self, key: str) -> None:
        self._usage[key] = []

    def close(self, key: str) -> list[int]:
        return self._usage.pop(key, [])

    async def measure(self) -> None:
        for key in list(self._usage):
            value = await self._meter.measure(key)
            if key in self._usage:
                self._usage[key].append(value)

    async def total(self) -> int:
        total = 0
        for key in list(self._usage):
            value = await self._meter.measure(key)
            values = self._usage.get(key)
            if values is None:
                continue
            values.append(value)
            total += value
        return total
