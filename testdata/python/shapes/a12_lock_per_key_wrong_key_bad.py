"""The lock is chosen by one thing, the entry by another."""
import asyncio
from collections import defaultdict
from typing import Any, Protocol


class Registry(Protocol):
    async def open_image(self, name: str) -> Any: ...


class Images:
    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._locks: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._images: dict[str, Any] = {}

    async def pull(self, user: str, name: str) -> Any:
        async with self._locks[user]:
            if name not in self._images:
                self._images[name] = await self._registry.open_image(name)  # BAD: checkthenact|uselesslock
            return self._images[name]
