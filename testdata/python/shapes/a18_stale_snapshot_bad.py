"""Moving window: the cut is computed elsewhere, then applied to what is there now."""
import asyncio
import bisect
import time


def first_young(stamps: list[float], horizon: float) -> int:
    return bisect.bisect_left(stamps, time.time() - horizon)


class MovingWindow:
    def __init__(self, horizon: float) -> None:
        self._horizon = horizon
        self._events: dict[str, list[float]] = {}

    def hit(self, key: str) -> int:
        stamps = self._events.setdefault(key, [])
        stamps.append(time.time())
        return len(stamps)

    async def expire(self, key: str) -> None:
        stamps = self._events[key]
        cut = await asyncio.to_thread(first_young, list(stamps), self._horizon)
        self._events[key] = self._events[key][cut:]  # BAD: lostupdate
