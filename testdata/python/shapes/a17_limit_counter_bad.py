"""At most so many exports at a time: counted too late."""
from typing import Protocol


class Exporter(Protocol):
    async def prepare(self, report: str) -> None: ...

    async def export(self, report: str) -> bytes: ...


class Busy(Exception):
    pass


class Exports:
    def __init__(self, exporter: Exporter, maximum: int = 2) -> None:
        self._exporter = exporter
        self._maximum = maximum
        self.active = 0

    async def export(self, report: str) -> bytes:
        if self.active >= self._maximum:
            raise Busy(report)
        await self._exporter.prepare(report)
        self.active += 1  # BAD: checkthenact
        try:
            return await self._exporter.export(report)
        finally:
            self.active -= 1
