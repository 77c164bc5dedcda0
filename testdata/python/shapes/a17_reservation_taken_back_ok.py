"""A bay is reserved before the barrier is lifted, and given back if that fails."""
from typing import Protocol


class Barrier(Protocol):
    async def lift(self, gate: str) -> None: ...


class CarPark:
    def __init__(self, barrier: Barrier, bays: int) -> None:
        self._barrier = barrier
        self._bays = bays
        self._inside: dict[str, str] = {}
        self.jams = 0

    async def enter(self, plate: str, gate: str) -> bool:
        if plate in self._inside or len(self._inside) >= self._bays:
            return False
        self._inside[plate] = gate
        try:
            await self._barrier.lift(gate)
        except OSError:
            self._inside.pop(plate, None)
            self.jams += 1
            raise
        return True

    async def leave(self, plate: str) -> bool:
        if (gate := self._inside.pop(plate, None)) is None:
            return False
        await self._barrier.lift(gate)
        return True
