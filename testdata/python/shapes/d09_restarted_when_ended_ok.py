"""Supervisor that restarts what ends with an error."""
import asyncio
import logging
from collections.abc import Awaitable, Callable

log = logging.getLogger("supervisor")
Service = Callable[[], Awaitable[None]]


class Supervisor:
    def __init__(self, services: dict[str, Service], pause: float = 0.1) -> None:
        self._services = services
        self._pause = pause
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._closing = False
        self.restarts = 0

    def start(self) -> None:
        for name in self._services:
            self._start(name)

    def _start(self, name: str) -> None:
        task = asyncio.ensure_future(self._services[name]())
        self._tasks[name] = task
        task.add_done_callback(lambda done, name=name: self._ended(name, done))

    def _ended(self, name: str, task: "asyncio.Future[None]") -> None:
        if self._closing or task.cancelled():
            return
        error = task.exception()
        if error is None:
            return
        log.error("%s ended: %r", name, error)
        self.restarts += 1
        asyncio.get_running_loop().call_later(self._pause, self._restart, name, task)

    def _restart(self, name: str, ended: "asyncio.Future[None]") -> None:
        if not self._closing and self._tasks.get(name) is ended:
            self._start(name)

    async def close(self) -> None:
        self._closing = True
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
