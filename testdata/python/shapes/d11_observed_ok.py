"""Three ways to see the exception: a callback, a body that catches, a wait that asks."""
import asyncio
import logging
from typing import Protocol

log = logging.getLogger("search")


class Search(Protocol):
    async def index(self, page: str) -> None: ...


def log_failure(task: "asyncio.Task[None]") -> None:
    try:
        task.result()
    except asyncio.CancelledError:
        pass
    except Exception:
        log.exception("%s failed", task.get_name())


class Indexer:
    def __init__(self, search: Search) -> None:
        self._search = search
        self._tasks: set[asyncio.Task[None]] = set()
        self._first: list[asyncio.Task[None]] = []

    def changed(self, page: str) -> None:
        task = asyncio.create_task(self._search.index(page))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(log_failure)

    def touched(self, page: str) -> None:
        task = asyncio.create_task(self._quietly(page))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _quietly(self, page: str) -> None:
        try:
            await self._search.index(page)
        except Exception:
            log.exception("cannot index %s", page)

    def imported(self, page: str) -> None:
        self._first.append(asyncio.create_task(self._search.index(page)))

    async def close(self) -> None:
        for result in await asyncio.gather(*self._tasks, *self._first, return_exceptions=True):
            if isinstance(result, Exception):
                log.error("index failed", exc_info=result)
