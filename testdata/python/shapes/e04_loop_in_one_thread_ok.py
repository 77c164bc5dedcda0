"""One thread with the only event loop; the others send their work there."""
import asyncio
import threading
from typing import Any, Protocol


class Sink(Protocol):
    async def write(self, offset: int, line: str) -> None: ...


class LoopThread:
    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._lock = asyncio.Lock()
        self._offset = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ready = threading.Event()

    def start(self) -> None:
        threading.Thread(target=self._main, daemon=True).start()
        self._ready.wait()

    def _main(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._ready.set()
        await self._write("started")
        await asyncio.Event().wait()

    async def _write(self, line: str) -> int:
        async with self._lock:
            offset = self._offset
            await self._sink.write(offset, line)
            self._offset = offset + len(line)
            return offset

    def write(self, line: str) -> int:
        assert self._loop is not None
        return asyncio.run_coroutine_threadsafe(self._write(line), self._loop).result()


def make(sink: Sink) -> Any:
    thread = LoopThread(sink)
    thread.start()
    return thread
