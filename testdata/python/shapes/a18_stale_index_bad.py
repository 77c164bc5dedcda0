"""The cursor into the backlog is kept across the upload."""
from typing import Protocol


class Uploader(Protocol):
    async def upload(self, lines: list[str]) -> None: ...


class Backlog:
    def __init__(self, uploader: Uploader) -> None:
        self._uploader = uploader
        self._lines: list[str] = []

    def write(self, line: str) -> None:
        self._lines.append(line)

    async def ship(self) -> int:
        lines = self._lines
        count = len(lines)
        await self._uploader.upload(lines[:count])
        self._lines = self._lines[count:]  # BAD: lostupdate
        return count
