"""Timers in a heap, fired by one coroutine, added by many."""
from __future__ import annotations

import heapq
from collections.abc import Awaitable, Callable


class Timers:
    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Callable[[], Awaitable[None]]]] = []
        self._count = 0
        self.fired = 0

    def at(self, when: float, action: Callable[[], Awaitable[None]]) -> None:
        self._count += 1
        heapq.heappush(self._heap, (when, self._count, action))

    async def fire(self, now: float) -> int:
        fired = 0
        while self._heap and self._heap[0][0] <= now:
            _, _, action = heapq.heappop(self._heap)
            await action()
            fired += 1
        self.fired += fired
        return fired
