"""Print queue behind a guard."""
from typing import Protocol

from .guard import Guard


class Device(Protocol):
    async def open_tray(self, tray: str) -> int: ...


class PrintQueue:
    def __init__(self, device: Device) -> None:
        self._device = device
        self._guard = Guard("printer")
        self._sheets: dict[str, int] = {}

    async def take(self, tray: str, sheets: int) -> int:
        async with self._guard:
            if tray not in self._sheets:
                self._sheets[tray] = await self._device.open_tray(tray)
            self._sheets[tray] -= sheets
            return self._sheets[tray]
