"""To save is to make the whole anew from what is there by then: no element that was asked about is overwritten."""
import asyncio
from collections.abc import Callable
from typing import Any, Protocol


class Disk(Protocol):
    async def write(self, data: dict[str, Any]) -> None: ...


class Source(Protocol):
    async def latest(self) -> str: ...

    async def install(self, version: str) -> None: ...


class Settings:
    def __init__(self, disk: Disk, source: Source, check: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        self._disk = disk
        self._source = source
        self._check = check
        self._updating = asyncio.Lock()
        self._data: dict[str, Any] = {"channel": "stable"}

    def choose(self, channel: str) -> None:
        self._data["channel"] = channel

    async def save(self) -> None:
        self._data = self._check(self._data)
        await self._disk.write(self._data)

    async def update(self) -> None:
        if self._data.get("channel") == "frozen":
            return
        async with self._updating:
            await self._source.install(await self._source.latest())
            await self.save()
