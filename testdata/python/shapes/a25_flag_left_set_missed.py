"""A cancelled or failed run leaves the flag set for good."""
from typing import Protocol


class Index(Protocol):
    async def rebuild(self) -> int: ...


class Rebuilder:
    def __init__(self, index: Index) -> None:
        self._index = index
        self._busy = False
        self.documents = 0

    async def rebuild(self) -> bool:
        if self._busy:
            return False
        self._busy = True  # GAP: checkthenact
        self.documents = await self._index.rebuild()
        self._busy = False
        return True
