"""Stock is read by one statement and written by another."""
from typing import Any, Protocol


class Database(Protocol):
    async def fetchrow(self, sql: str, *args: Any) -> dict[str, Any] | None: ...

    async def execute(self, sql: str, *args: Any) -> str: ...


class Stock:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def take(self, sku: str, pieces: int) -> int:
        row = await self._db.fetchrow("SELECT pieces FROM stock WHERE sku = $1", sku)
        if row is None or row["pieces"] < pieces:
            raise LookupError(sku)
        left = row["pieces"] - pieces
        await self._db.execute("UPDATE stock SET pieces = $1 WHERE sku = $2", left, sku)  # BAD: stalerecord
        return left
