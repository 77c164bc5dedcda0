"""The lock is a local, but all the workers of the call share it."""
import asyncio
from typing import Protocol


class Source(Protocol):
    async def page(self, number: int) -> list[str]: ...

    async def write(self, rows: list[str]) -> None: ...


async def copy(source: Source, target: Source, pages: int) -> int:
    lock = asyncio.Lock()
    written = 0

    async def worker(number: int) -> None:
        nonlocal written
        rows = await source.page(number)
        async with lock:
            before = written
            await target.write(rows)
            written = before + len(rows)

    await asyncio.gather(*(worker(number) for number in range(pages)))
    return written
