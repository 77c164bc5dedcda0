"""A local handle whose only use is a callback."""
import asyncio
import logging
from functools import partial
from typing import Protocol

log = logging.getLogger("chat")


class Api(Protocol):
    async def send(self, room: str, text: str) -> None: ...


class Chat:
    def __init__(self, api: Api) -> None:
        self._api = api
        self.errors: list[str] = []

    def _done(self, room: str, task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self.errors.append(room)
            log.error("send failed", exc_info=error)

    def send(self, room: str, text: str) -> None:
        task = asyncio.create_task(self._api.send(room, text))  # BAD: untrackedtask
        task.add_done_callback(partial(self._done, room))
