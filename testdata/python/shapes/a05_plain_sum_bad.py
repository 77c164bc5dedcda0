"""Download accounting; the total is read before the transfer."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class Mirror(Protocol):
    async def fetch(self, path: str) -> int: ...


@dataclass
class Downloads:
    mirror: Mirror
    received: int = 0
    files: int = 0

    async def fetch(self, path: str) -> None:
        self.received = self.received + await self.mirror.fetch(path)  # BAD: lostupdate
        self.files = self.files + 1

    def report(self) -> str:
        return f"{self.files} files, {self.received} bytes"
