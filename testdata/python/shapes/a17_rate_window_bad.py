"""At most so many calls a minute, counted in a deque after the call."""
import time
from collections import deque
from typing import Protocol


class Api(Protocol):
    async def call(self, path: str) -> str: ...


class LimitReached(Exception):
    pass


class RateLimited:
    def __init__(self, api: Api, per_minute: int) -> None:
        self._api = api
        self._per_minute = per_minute
        self._calls: deque[float] = deque()

    async def call(self, path: str) -> str:
        now = time.monotonic()
        while self._calls and self._calls[0] < now - 60:
            self._calls.popleft()
        if len(self._calls) >= self._per_minute:
            raise LimitReached(path)
        answer = await self._api.call(path)
        self._calls.append(now)  # BAD: checkthenact
        return answer
