"""The last one to leave empties the cache, whatever was asked of it before."""
from __future__ import annotations

import asyncio
from typing import Protocol


class Remote(Protocol):
    async def list(self) -> list[str]: ...

    async def close(self) -> None: ...


class Toolset:
    def __init__(self, remote: Remote) -> None:
        self._remote = remote
        self._lock = asyncio.Lock()
        self._users = 0
        self._cached: list[str] | None = None

    async def __aenter__(self) -> Toolset:
        async with self._lock:
            self._users += 1
        return self

    async def __aexit__(self, *args: object) -> None:
        if self._users == 0:
            return
        async with self._lock:
            self._users -= 1  # LOW: checkthenact
            if self._users == 0:
                await self._remote.close()
                self._cached = None

    async def list(self) -> list[str]:
        if self._cached is not None:
            return self._cached
        async with self:  # LOW: checkthenact
            return await self._remote.list()
