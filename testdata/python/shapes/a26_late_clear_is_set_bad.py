"""Reload on request: the request that comes during a reload is forgotten."""
import asyncio
from typing import Protocol


class Config(Protocol):
    async def read(self) -> dict[str, str]: ...


class Reloader:
    def __init__(self, config: Config) -> None:
        self._config = config
        self._requested = asyncio.Event()
        self.values: dict[str, str] = {}

    def request(self) -> None:
        self._requested.set()

    async def reload_if_requested(self) -> bool:
        if not self._requested.is_set():
            return False
        values = await self._config.read()
        self.values = values
        self._requested.clear()  # BAD: checkthenact
        return True
