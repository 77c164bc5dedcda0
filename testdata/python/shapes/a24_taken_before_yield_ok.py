"""Outbox as an async generator: the letter leaves the list before it is yielded."""
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Outbox:
    def __init__(self) -> None:
        self._letters: deque[str] = deque()
        self._reader: str | None = None

    def post(self, text: str) -> None:
        self._letters.append(text)

    async def letters(self) -> AsyncIterator[str]:
        while self._letters:
            yield self._letters.popleft()

    @asynccontextmanager
    async def reading(self, who: str) -> AsyncIterator["Outbox"]:
        if self._reader is not None:
            raise RuntimeError(f"{self._reader} is reading")
        self._reader = who
        try:
            yield self
        finally:
            self._reader = None
