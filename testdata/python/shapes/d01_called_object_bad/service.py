"""Upload service."""
from typing import Protocol

from .jobs import jobs


class Scanner(Protocol):
    async def scan(self, path: str) -> bool: ...


class Uploads:
    def __init__(self, scanner: Scanner) -> None:
        self._scanner = scanner
        self.clean: set[str] = set()

    async def _scan(self, path: str) -> None:
        try:
            if await self._scanner.scan(path):
                self.clean.add(path)
        except OSError:
            self.clean.discard(path)

    def received(self, path: str) -> None:
        jobs(self._scan(path))  # BAD: untrackedtask @job

    async def received_and_wait(self, path: str) -> bool:
        await jobs(self._scan(path))
        return path in self.clean
