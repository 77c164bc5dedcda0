"""The task that runs is noted, to be cancelled from outside: nothing is started."""
import asyncio
from typing import Protocol


class Line(Protocol):
    async def read(self) -> bytes: ...


class Client:
    def __init__(self, line: Line) -> None:
        self._line = line
        self._handler: "asyncio.Task[None] | None" = None
        self.seen: list[bytes] = []

    async def handle(self) -> None:
        self._handler = asyncio.current_task()
        while data := await self._line.read():
            self.seen.append(data)

    def cancel(self) -> None:
        if self._handler is not None:
            self._handler.cancel()
