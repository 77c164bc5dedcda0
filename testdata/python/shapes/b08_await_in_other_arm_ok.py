"""The await is in one arm of the `try`, the act in the other."""
from typing import Protocol


class Printer(Protocol):
    async def eject(self, page: str) -> None: ...

    async def load(self, tray: str) -> None: ...


class Trays:
    def __init__(self, printer: Printer) -> None:
        self._printer = printer
        self._sheets: dict[str, int] = {}

    def fill(self, tray: str, sheets: int) -> None:
        self._sheets[tray] = sheets

    async def take(self, tray: str) -> bool:
        try:
            sheets = self._sheets[tray]
        except KeyError:
            await self._printer.load(tray)
            return False
        else:
            self._sheets[tray] = sheets - 1
            return True

    async def empty(self, tray: str) -> None:
        if self._sheets.get(tray, 0) > 0:
            self._sheets[tray] = 0
        else:
            await self._printer.eject(tray)
