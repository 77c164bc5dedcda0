"""The callback counts, logs and discards, but never asks for the exception."""
import asyncio
import logging
from typing import Protocol

log = logging.getLogger("sync")


class Calendar(Protocol):
    async def sync(self, user: str) -> None: ...


class CalendarSync:
    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self._running: dict[str, asyncio.Task[None]] = {}
        self.finished = 0

    def request(self, user: str) -> None:
        if user in self._running:
            return
        task = asyncio.create_task(self._calendar.sync(user))  # BAD: unobservedfailure
        self._running[user] = task

        def done(finished: "asyncio.Task[None]") -> None:
            if self._running.get(user) is finished:
                del self._running[user]
            self.finished += 1
            log.info("sync of %s done", user)

        task.add_done_callback(done)

    def close(self) -> None:
        for task in self._running.values():
            task.cancel()
