"""Retries in a heap; the head is looked at, run, and then popped."""
from __future__ import annotations

import heapq
from collections.abc import Awaitable, Callable


class Retries:
    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Callable[[], Awaitable[bool]]]] = []
        self._count = 0
        self.done = 0

    def at(self, when: float, action: Callable[[], Awaitable[bool]]) -> None:
        self._count += 1
        heapq.heappush(self._heap, (when, self._count, action))

    async def run(self, now: float) -> int:
        done = 0
        while self._heap and self._heap[0][0] <= now:
            _, _, action = self._heap[0]
            if await action():
                done += 1
            heapq.heappop(self._heap)  # BAD: checkthenact
        self.done += done
        return done
