"""Background work with error handling, but the shutdown neither waits nor cancels."""
import asyncio
import logging
from typing import Protocol

log = logging.getLogger("mail")


class Smtp(Protocol):
    async def send(self, to: str, text: str) -> None: ...

    async def quit(self) -> None: ...


class Outbox:
    def __init__(self, smtp: Smtp) -> None:
        self._smtp = smtp
        self._sending: set[asyncio.Task[None]] = set()
        self._open = True

    def post(self, to: str, text: str) -> None:
        if not self._open:
            raise RuntimeError("closed")
        task = asyncio.create_task(self._smtp.send(to, text))  # BAD: undrainedtasks
        self._sending.add(task)
        task.add_done_callback(self._sent)

    def _sent(self, task: "asyncio.Task[None]") -> None:
        self._sending.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("mail not sent", exc_info=error)

    async def shutdown(self) -> None:
        self._open = False
        await self._smtp.quit()
