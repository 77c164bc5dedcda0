"""The last user closes through a helper; the decision was made before the await."""
from __future__ import annotations

import asyncio
from typing import Protocol


class Handle(Protocol):
    async def sync(self) -> None: ...

    async def close(self) -> None: ...


class Archive:
    def __init__(self, handle: Handle) -> None:
        self._handle = handle
        self._users = 0
        self._closed = asyncio.Event()

    async def __aenter__(self) -> "Archive":
        if self._closed.is_set():
            raise RuntimeError("closed")
        self._users += 1
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._users -= 1
        last = self._users == 0
        await self._handle.sync()
        if last:
            await self.aclose()  # BAD: checkthenact

    async def aclose(self) -> None:
        self._closed.set()
        await self._handle.close()
