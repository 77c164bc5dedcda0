"""Loading is left to the subclasses, which hold the lock."""
import asyncio
from typing import Any, Protocol


class Source(Protocol):
    async def open_part(self, name: str) -> Any: ...


class Parts:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.lock = asyncio.Lock()
        self.parts: dict[str, Any] = {}

    async def _part(self, name: str) -> Any:
        if name not in self.parts:
            self.parts[name] = await self.source.open_part(name)
        return self.parts[name]
