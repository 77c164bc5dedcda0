"""Close and forget, in the wrong order, for a module-level client."""
from __future__ import annotations

import asyncio
from typing import Protocol


class Client(Protocol):
    async def aclose(self) -> None: ...


async def connect() -> Client:
    raise NotImplementedError


_client: Client | None = None
_lock = asyncio.Lock()


async def client() -> Client:
    global _client
    async with _lock:
        if _client is None:
            _client = await connect()
        return _client


async def drop_client() -> None:
    global _client
    if _client is None:
        return
    await _client.aclose()
    _client = None  # BAD: checkthenact|blindremoval
