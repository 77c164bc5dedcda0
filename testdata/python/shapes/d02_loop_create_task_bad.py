"""The same through loops that come from elsewhere."""
import asyncio
from typing import Protocol


class Sink(Protocol):
    async def write(self, text: str) -> None: ...


class Bridge:
    def __init__(self, sink: Sink, loop: asyncio.AbstractEventLoop) -> None:
        self._sink = sink
        self._loop = loop
        self.lines = 0

    def on_line(self, text: str) -> None:
        self.lines += 1
        self._loop.create_task(self._sink.write(text))  # BAD: untrackedtask

    def on_end(self) -> None:
        asyncio.get_running_loop().create_task(self._sink.write("end"))  # BAD: untrackedtask


def forward(loop: asyncio.AbstractEventLoop, sink: Sink, text: str) -> None:
    loop.create_task(sink.write(text))  # BAD: untrackedtask


async def forward_now(sink: Sink, text: str) -> None:
    loop = asyncio.get_event_loop()
    await loop.create_task(sink.write(text))
