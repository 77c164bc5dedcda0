"""Compiled queries by name."""
import asyncio
from typing import Any, Protocol


class Database(Protocol):
    async def prepare(self, sql: str) -> Any: ...


class Statements:
    def __init__(self, database: Database, texts: dict[str, str]) -> None:
        self._database = database
        self._texts = dict(texts)
        self._prepared: dict[str, Any] = {}

    async def get(self, name: str) -> Any:
        try:
            return self._prepared[name]
        except KeyError:
            pass
        statement = await self._database.prepare(self._texts[name])
        self._prepared[name] = statement  # BAD: checkthenact
        return statement

    async def warm(self, *names: str) -> None:
        await asyncio.gather(*(self.get(name) for name in names))

    def reset(self) -> None:
        self._prepared.clear()
