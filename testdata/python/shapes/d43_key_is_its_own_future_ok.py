"""The future of the call itself is the key: there is no newer entry under it."""
import asyncio
import concurrent.futures
import threading
from collections.abc import Awaitable


class Window:
    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._lock = threading.Lock()
        self._scheduled: dict[concurrent.futures.Future[None], str] = {}

    def run(self, name: str, job: Awaitable[object]) -> None:
        async def wrapper() -> None:
            try:
                await job
            except Exception:
                print(name, "failed")
            finally:
                with self._lock:
                    self._scheduled.pop(future, None)

        future = asyncio.run_coroutine_threadsafe(wrapper(), self._loop)
        with self._lock:
            self._scheduled[future] = name
