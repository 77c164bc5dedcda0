"""Runs hooks, sync ones at once and async ones in the background, kept until they end."""
import asyncio
import inspect
import logging
from collections.abc import Callable
from typing import Any

log = logging.getLogger("hooks")


class HookRunner:
    __slots__ = ("_tasks",)

    def __init__(self) -> None:
        self._tasks: dict["asyncio.Future[Any]", str] = {}

    def run(self, name: str, hook: Callable[..., Any], *args: Any) -> None:
        result = hook(*args)
        if inspect.isawaitable(result):
            future = asyncio.ensure_future(result)
            self._tasks[future] = name
            future.add_done_callback(self._done)

    def _done(self, future: "asyncio.Future[Any]") -> None:
        name = self._tasks.pop(future)
        if not future.cancelled() and future.exception() is not None:
            log.error("hook %s failed", name, exc_info=future.exception())

    async def join(self) -> None:
        while self._tasks:
            await asyncio.wait(list(self._tasks))
