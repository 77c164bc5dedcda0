"""The caller stores what the callee, which is single-flight by itself, has made."""
import asyncio
from typing import Any, Protocol


class Driver(Protocol):
    async def connect(self, dsn: str) -> Any: ...


class Database:
    def __init__(self, driver: Driver, dsn: str) -> None:
        self._driver = driver
        self._dsn = dsn
        self._lock = asyncio.Lock()
        self._pool: Any = None

    async def create_pool(self) -> Any:
        if self._pool is not None:
            return self._pool
        async with self._lock:
            if self._pool is None:
                self._pool = await self._driver.connect(self._dsn)
        return self._pool

    async def pool(self) -> Any:
        if self._pool is None:
            self._pool = await self.create_pool()
        return self._pool

    async def fetch(self, sql: str) -> list[Any]:
        pool = await self.pool()
        return await pool.fetch(sql)
