"""The wrapper sees only one kind of failure; all others go nowhere."""
import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, Protocol

logger = logging.getLogger(__name__)


class Feed(Protocol):
    async def next(self) -> bytes: ...


async def guarded(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except TimeoutError:
        logger.exception("a background task was too slow")


def in_background(work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
    return asyncio.ensure_future(guarded(work))


class Reader:
    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._task: "asyncio.Task[None] | None" = None
        self.seen: list[bytes] = []

    async def start(self) -> None:
        self._task = in_background(self._read())  # BAD: unobservedfailure

    async def _read(self) -> None:
        while True:
            self.seen.append(await self._feed.next())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
