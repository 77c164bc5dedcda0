"""Keep background work that nobody waits for at the spot: know every task that was started, log the error of each, and
drain them at shutdown. It is what to use instead of a bare ``asyncio.create_task``.

It never retries, schedules or limits anything, and it never abandons a task: one that swallows its cancellation keeps
``shutdown`` waiting, since the only alternative would be a task without an owner.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, ParamSpec

P = ParamSpec("P")


class ClosedError(Exception):
    """Shut down: start no more work in this group."""


class Group:
    """Owns background tasks of one event loop."""

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._tasks: set[asyncio.Task[None]] = set()
        self._guests = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._closed = False

    @property
    def closed(self) -> bool:
        """Whether the shutdown has begun: the sign for a loop to end by itself."""
        return self._closed

    def start(
        self, name: str, work: Callable[P, Coroutine[Any, Any, None]], *args: P.args, **kwargs: P.kwargs
    ) -> None:
        """Run ``work`` as a task of the group, or raise ClosedError. Its exception is logged under ``name``."""
        if self._closed:
            raise ClosedError
        task = asyncio.create_task(work(*args, **kwargs), name=name)
        self._tasks.add(task)
        self._idle.clear()
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._log.error("background task failed: %s", task.get_name(), exc_info=error)
        self._tasks.discard(task)  # the set holds the tasks themselves, so this is never the entry of another one
        self._leave()

    def _leave(self) -> None:
        if not self._tasks and not self._guests:
            self._idle.set()

    @contextmanager
    def enter(self) -> Iterator[None]:
        """Count the caller itself among the tasks, or raise ClosedError: who was let in is waited for."""
        if self._closed:
            raise ClosedError
        self._guests += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._guests -= 1
            self._leave()

    def close(self) -> None:
        """Stop intake. It stops for good, so the group can only become emptier."""
        self._closed = True

    async def drain(self, grace: float | None = None) -> bool:
        """Wait until the group is empty and its last error is logged, at most that many seconds, and say whether it is."""
        try:
            async with asyncio.timeout(grace):
                await self._idle.wait()
        except TimeoutError:
            return False
        return True

    async def shutdown(self, grace: float) -> bool:
        """Stop intake and wait for the tasks. After ``grace`` seconds, cancel those that are left, wait for them too,
        and return False. It may be called more than once, but not by a task of the group.
        """
        self.close()
        if await self.drain(grace):
            return True
        for task in tuple(self._tasks):
            task.cancel()
        await self.drain()
        return False
