"""What comes next is asked for by how many there are; two who ask at the same time get the same."""
from typing import Protocol


class Source(Protocol):
    async def fetch(self, start: int) -> list[str]: ...

    async def reply(self, lines: list[str]) -> str: ...


class Journal:
    def __init__(self, source: Source) -> None:
        self._source = source
        self._lines: list[str] = []

    async def extend(self) -> int:
        fresh = await self._source.fetch(len(self._lines))
        self._lines.extend(fresh)  # BAD: lostupdate|checkthenact
        return len(fresh)
