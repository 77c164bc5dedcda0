"""Serial port read in a thread that hands chunks to the loop."""
import asyncio
import threading
from typing import Protocol


class Port(Protocol):
    def read(self) -> bytes: ...


class Decoder(Protocol):
    async def feed(self, chunk: bytes) -> None: ...


class Reader:
    def __init__(self, port: Port, decoder: Decoder) -> None:
        self._port = port
        self._decoder = decoder
        self._loop = asyncio.get_running_loop()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def _run(self) -> None:
        while not self._stop.is_set():
            chunk = self._port.read()
            self._loop.call_soon_threadsafe(asyncio.create_task, self._decoder.feed(chunk))  # BAD: untrackedtask

    async def stop(self) -> None:
        self._stop.set()
        await asyncio.to_thread(self._thread.join)
