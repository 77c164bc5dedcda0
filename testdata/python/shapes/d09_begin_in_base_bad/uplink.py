"""Uplink that reports while it is connected."""
from typing import Protocol

from .periodic import Periodic


class Radio(Protocol):
    async def report(self) -> None: ...


class Uplink(Periodic):
    interval = 30.0

    def __init__(self, radio: Radio) -> None:
        super().__init__()
        self._radio = radio

    async def step(self) -> None:
        await self._radio.report()

    def on_connected(self) -> None:
        self._begin()  # BAD: overwrittentask @begin

    async def on_disconnected(self) -> None:
        await self.end()
