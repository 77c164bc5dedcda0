"""Console thread that talks to the loop and waits for the answer."""
import asyncio
import concurrent.futures
import threading
from typing import Protocol


class Engine(Protocol):
    async def run(self, line: str) -> str: ...


class Console:
    def __init__(self, engine: Engine, loop: asyncio.AbstractEventLoop) -> None:
        self._engine = engine
        self._loop = loop
        self._lock = threading.Lock()
        self._pending: set["concurrent.futures.Future[str]"] = set()
        self.errors: list[str] = []

    def ask(self, line: str, timeout: float = 5.0) -> str:
        future = asyncio.run_coroutine_threadsafe(self._engine.run(line), self._loop)
        try:
            return future.result(timeout)
        except TimeoutError:
            future.cancel()
            raise

    def post(self, line: str) -> None:
        future = asyncio.run_coroutine_threadsafe(self._engine.run(line), self._loop)
        with self._lock:
            self._pending.add(future)
        future.add_done_callback(self._posted)

    def _posted(self, future: "concurrent.futures.Future[str]") -> None:
        with self._lock:
            self._pending.discard(future)
        if not future.cancelled() and (error := future.exception()):
            self.errors.append(str(error))

    def close(self) -> None:
        with self._lock:
            pending = list(self._pending)
        concurrent.futures.wait(pending)
