"""Locals and parameters belong to one activation."""
from typing import Protocol


class Api(Protocol):
    async def page(self, number: int) -> list[str]: ...

    async def default_limit(self) -> int: ...


async def collect(api: Api, limit: int | None = None) -> list[str]:
    rows: list[str] = []
    page = None
    number = 0
    if limit is None:
        limit = await api.default_limit()
    while page is None or page:
        page = await api.page(number)
        number += 1
        rows += page
        if len(rows) >= limit:
            rows = rows[:limit]
            break
    total = 0
    total += len(await api.page(0))
    seen: dict[str, int] = {}
    for row in rows:
        if row not in seen:
            seen[row] = len(await api.page(len(seen)))
    return [f"{row}:{seen[row]}/{total}" for row in rows]
