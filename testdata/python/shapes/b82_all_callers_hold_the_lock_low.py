"""Packages that are updated and refreshed by a manager, one at a time under its lock."""
from __future__ import annotations

import asyncio
from typing import Protocol


class Provider(Protocol):
    async def packages(self) -> list[str]: ...

    async def upgrade(self) -> None: ...


class Package:
    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self.available: list[str] = []

    async def refresh(self) -> None:
        self.available = await self.provider.packages()

    async def update(self) -> bool:
        if not self.available:
            return False
        await self.provider.upgrade()
        self.available = []  # LOW: checkthenact
        return True


class Manager:
    def __init__(self, packages: dict[str, Package]) -> None:
        self.packages: dict[str, Package] = packages
        self.one = asyncio.Lock()

    async def on_update(self, name: str) -> bool:
        async with self.one:
            return await self.packages[name].update()

    async def on_refresh(self) -> None:
        async with self.one:
            for package in list(self.packages.values()):
                await package.refresh()
