"""A printer that one job uses at a time: it is taken only after it has warmed up."""
from __future__ import annotations

import asyncio
from typing import Protocol


class Device(Protocol):
    async def warm_up(self) -> None: ...

    async def print(self, page: str) -> None: ...


class Printer:
    def __init__(self, device: Device) -> None:
        self.device = device
        self.busy = False

    async def job(self, pages: list[str]) -> None:
        while self.busy:
            await asyncio.sleep(0.1)
        await self.device.warm_up()
        self.busy = True  # BAD: checkthenact
        try:
            for page in pages:
                await self.device.print(page)
        finally:
            self.busy = False

    async def urgent(self, page: str) -> None:
        while self.busy:
            await asyncio.sleep(0.1)
        self.busy = True
        try:
            await self.device.warm_up()
            await self.device.print(page)
        finally:
            self.busy = False
