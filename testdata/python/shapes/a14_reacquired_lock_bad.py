"""The lock is released for the download and taken again for the store."""
import asyncio
from typing import Any, Protocol


class Hub(Protocol):
    async def open_model(self, name: str) -> Any: ...

    async def touch(self, name: str) -> None: ...


class Models:
    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._lock = asyncio.Lock()
        self._loaded: dict[str, Any] = {}

    async def get(self, name: str) -> Any:
        async with self._lock:
            model = self._loaded.get(name)
            if model is not None:
                await self._hub.touch(name)
        if model is None:
            model = await self._hub.open_model(name)
            async with self._lock:
                self._loaded[name] = model  # BAD: checkthenact
        return model
