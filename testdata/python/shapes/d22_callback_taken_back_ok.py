"""The clean-up of the earlier task is taken back when a newer one takes its place."""
import asyncio
from collections.abc import Coroutine
from typing import Any


class Request:
    def __init__(self) -> None:
        self._writer: asyncio.Task[None] | None = None

    def _forget(self, _: object = None) -> None:
        self._writer = None

    def send(self, body: Coroutine[Any, Any, None]) -> None:
        if self._writer is not None:
            self._writer.remove_done_callback(self._forget)
            self._writer.cancel()
        self._writer = asyncio.create_task(body)
        self._writer.add_done_callback(self._forget)

    async def close(self) -> None:
        if (writer := self._writer) is not None:
            await writer
