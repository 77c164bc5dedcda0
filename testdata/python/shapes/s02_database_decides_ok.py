"""The database decides: a version, a condition in the update, or a locked row."""
from typing import Any, Protocol


class Connection(Protocol):
    def transaction(self) -> Any: ...

    async def fetchrow(self, sql: str, *args: Any) -> dict[str, Any] | None: ...

    async def execute(self, sql: str, *args: Any) -> str: ...


class Stock:
    def __init__(self, db: Connection) -> None:
        self._db = db

    async def take(self, sku: str, pieces: int) -> bool:
        done = await self._db.execute(
            "UPDATE stock SET pieces = pieces - $1 WHERE sku = $2 AND pieces >= $1", pieces, sku
        )
        return done == "UPDATE 1"

    async def rename(self, sku: str, name: str) -> bool:
        row = await self._db.fetchrow("SELECT name, version FROM stock WHERE sku = $1", sku)
        if row is None or row["name"] == name:
            return False
        done = await self._db.execute(
            "UPDATE stock SET name = $1, version = version + 1 WHERE sku = $2 AND version = $3",
            name, sku, row["version"],
        )
        return done == "UPDATE 1"

    async def move(self, sku: str, pieces: int) -> None:
        async with self._db.transaction():
            row = await self._db.fetchrow("SELECT pieces FROM stock WHERE sku = $1 FOR UPDATE", sku)
            if row is None or row["pieces"] < pieces:
                raise LookupError(sku)
            await self._db.execute("UPDATE stock SET pieces = $1 WHERE sku = $2", row["pieces"] - pieces, sku)
