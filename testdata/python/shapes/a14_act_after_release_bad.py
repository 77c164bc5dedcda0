"""Slot is looked up under the lock and taken after it was released."""
import asyncio
from typing import Protocol


class Gate(Protocol):
    async def open(self, vehicle: str) -> None: ...

    async def survey(self) -> set[int]: ...


class Garage:
    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._lock = asyncio.Lock()
        self._parked: dict[int, str] = {}

    async def park(self, slot: int, vehicle: str) -> bool:
        async with self._lock:
            free = slot not in self._parked
        if not free:
            return False
        await self._gate.open(vehicle)
        self._parked[slot] = vehicle  # BAD: checkthenact
        return True

    async def audit(self) -> list[int]:
        async with self._lock:
            seen = await self._gate.survey()
            return [slot for slot in self._parked if slot not in seen]
