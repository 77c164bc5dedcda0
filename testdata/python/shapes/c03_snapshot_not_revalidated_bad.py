"""The snapshot keeps the loop alive, but not the entries."""
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
            self._usage[key].append(value)  # BAD: checkthenact
