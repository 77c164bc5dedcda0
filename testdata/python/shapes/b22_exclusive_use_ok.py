"""A cursor belongs to the one who opened it."""
from typing import Any, Protocol


class Wire(Protocol):
    async def execute(self, sql: str) -> int: ...

    async def fetch(self, portal: int, rows: int) -> list[Any]: ...

    async def close_portal(self, portal: int) -> None: ...


class Cursor:
    def __init__(self, wire: Wire, sql: str) -> None:
        self._wire = wire
        self._sql = sql
        self._portal: int | None = None
        self._position = 0

    async def fetch(self, rows: int) -> list[Any]:
        if self._portal is None:
            self._portal = await self._wire.execute(self._sql)
        position = self._position
        found = await self._wire.fetch(self._portal, rows)
        self._position = position + len(found)
        return found

    async def close(self) -> None:
        if self._portal is not None:
            await self._wire.close_portal(self._portal)
            self._portal = None


class Transaction:
    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._state = "new"

    async def commit(self) -> None:
        if self._state != "started":
            raise RuntimeError(self._state)
        await self._wire.execute("COMMIT")
        self._state = "committed"

    async def start(self) -> None:
        if self._state == "new":
            await self._wire.execute("BEGIN")
            self._state = "started"


async def rows(wire: Wire, sql: str) -> list[Any]:
    cursor = Cursor(wire, sql)
    found = await cursor.fetch(100)
    await cursor.close()
    return found
