"""A batch that could not be shipped is put back, over what has been recorded meanwhile."""
from __future__ import annotations

from typing import Protocol


class Shipper(Protocol):
    async def ship(self, samples: list[float]) -> None: ...


class Metrics:
    def __init__(self, shipper: Shipper) -> None:
        self.shipper = shipper
        self.samples: list[float] = []
        self.failed: list[float] = []

    def record(self, value: float) -> None:
        self.samples.append(value)

    def _take(self) -> list[float]:
        taken, self.samples = self.samples, []
        return taken

    async def flush(self) -> None:
        batch, self.samples = self.samples, []
        try:
            await self.shipper.ship(batch)
        except ConnectionError:
            self.samples = batch  # BAD: lostupdate

    async def flush_taken(self) -> None:
        batch = self._take()
        try:
            await self.shipper.ship(batch)
        except ConnectionError:
            self.samples = batch  # BAD: lostupdate

    async def flush_if_none_came(self) -> None:
        batch, self.samples = self.samples, []
        try:
            await self.shipper.ship(batch)
        except ConnectionError:
            if not self.samples:
                self.samples = batch

    async def flush_aside(self) -> None:
        batch, self.samples = self.samples, []
        try:
            await self.shipper.ship(batch)
        except ConnectionError:
            self.failed = batch
