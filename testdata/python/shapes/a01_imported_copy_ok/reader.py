"""`from … import` binds a name of its own: the module's variable is another one."""
from typing import Protocol

from .state import limit, names


class Source(Protocol):
    async def read(self, limit: int) -> list[str]: ...


async def read(source: Source) -> list[str]:
    rows = await source.read(limit)
    if len(rows) > limit:
        rows = rows[:limit]
    return [*names, *rows]
