"""Kept until they finish, but nobody asks how they finished."""
import asyncio
from typing import Protocol


class Search(Protocol):
    async def index(self, page: str) -> None: ...


class Indexer:
    def __init__(self, search: Search) -> None:
        self._search = search
        self._tasks: set[asyncio.Task[None]] = set()

    def changed(self, page: str) -> None:
        task = asyncio.create_task(self._search.index(page))  # BAD: unobservedfailure
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
