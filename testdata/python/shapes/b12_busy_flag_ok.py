"""The flag is taken before the await and given back after it: mutual exclusion."""
from typing import Protocol


class Scanner(Protocol):
    async def scan(self, path: str) -> list[str]: ...


class Library:
    def __init__(self, scanner: Scanner) -> None:
        self._scanner = scanner
        self._scanning = False
        self._opening: set[str] = set()
        self.titles: list[str] = []

    async def rescan(self, path: str) -> bool:
        if self._scanning:
            return False
        self._scanning = True
        try:
            self.titles = await self._scanner.scan(path)
            return True
        finally:
            self._scanning = False

    async def add(self, path: str) -> bool:
        if path in self._opening:
            return False
        self._opening.add(path)
        try:
            found = await self._scanner.scan(path)
            self.titles.extend(found)
        finally:
            self._opening.discard(path)
        return True
