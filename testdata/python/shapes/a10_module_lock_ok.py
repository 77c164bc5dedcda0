"""Module-level pool behind a module-level lock."""
from __future__ import annotations

import asyncio
from typing import Any, Protocol


class Pool(Protocol):
    async def fetch(self, sql: str) -> list[Any]: ...

    async def close(self) -> None: ...


async def create_pool(dsn: str) -> Pool:
    raise NotImplementedError


_pool: Pool | None = None
_pool_lock = asyncio.Lock()


async def get_pool(dsn: str) -> Pool:
    global _pool
    if _pool is not None:
        return _pool
    async with _pool_lock:
        if _pool is None:
            _pool = await create_pool(dsn)
        return _pool


async def close_pool() -> None:
    global _pool
    async with _pool_lock:
        pool, _pool = _pool, None
        if pool is not None:
            await pool.close()
