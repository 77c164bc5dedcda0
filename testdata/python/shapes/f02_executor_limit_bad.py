"""The thread counts what the loop counts: `+=` is no single step across threads."""
import asyncio
import threading
import time


class Quota:
    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.used = 0

    def _convert(self, path: str) -> bool:
        if self.used >= self._limit:
            return False
        time.sleep(0.01)
        self.used += 1  # BAD: checkthenact|lostupdate
        return True

    async def convert(self, paths: list[str]) -> list[bool]:
        return await asyncio.gather(*(asyncio.to_thread(self._convert, path) for path in paths))

    def reset(self) -> None:
        self.used = 0


class SafeQuota:
    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self.used = 0

    def _convert(self, path: str) -> bool:
        with self._lock:
            if self.used >= self._limit:
                return False
            self.used += 1
            return True

    async def convert(self, paths: list[str]) -> list[bool]:
        return await asyncio.gather(*(asyncio.to_thread(self._convert, path) for path in paths))
