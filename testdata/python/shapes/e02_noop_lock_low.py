"""No holder suspends: the lock is never contended and protects nothing."""
import asyncio


class Stats:
    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._counts: dict[str, int] = {}

    async def hit(self, name: str) -> int:
        async with self._lock:  # LOW: uselesslock @noop
            self._counts[name] = self._counts.get(name, 0) + 1
            return self._counts[name]

    async def reset(self) -> dict[str, int]:
        async with self._lock:  # LOW: uselesslock @noop
            counts, self._counts = self._counts, {}
            return counts
