"""Price feed over a websocket."""
from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol


class Socket(Protocol):
    async def recv(self) -> str: ...

    async def close(self) -> None: ...


class Dialer(Protocol):
    async def dial(self, url: str) -> Socket: ...


class PriceFeed:
    def __init__(self, dialer: Dialer, url: str, on_tick: Callable[[str], None]) -> None:
        self._dialer = dialer
        self._url = url
        self._on_tick = on_tick
        self._ws: Socket | None = None
        self._reader: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        if self._ws is not None:
            return
        self._ws = await self._dialer.dial(self._url)  # BAD: checkthenact @conn
        self._reader = asyncio.create_task(self._read())  # BAD: checkthenact|overwrittentask @conn

    async def _read(self) -> None:
        assert self._ws is not None
        while True:
            self._on_tick(await self._ws.recv())

    async def disconnect(self) -> None:
        ws, self._ws = self._ws, None
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.cancel()
            with suppress(asyncio.CancelledError):
                await reader
        if ws is not None:
            await ws.close()
