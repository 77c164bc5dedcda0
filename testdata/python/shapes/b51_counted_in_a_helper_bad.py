"""A number is counted on by a helper from what is there by then: the limit that was asked about earlier is exceeded."""
from typing import Protocol


class Line(Protocol):
    async def dial(self) -> None: ...


class Board:
    def __init__(self, line: Line) -> None:
        self._line = line
        self._calls = 0

    def _count(self) -> None:
        self._calls = self._calls + 1

    async def call(self) -> bool:
        if self._calls >= 8:
            return False
        await self._line.dial()
        self._count()  # BAD: checkthenact
        return True

    def hang_up(self) -> None:
        self._calls = self._calls - 1
