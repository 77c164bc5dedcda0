"""Outbox as an async generator: the consumer runs between the look and the removal."""
from collections.abc import AsyncIterator
from typing import Protocol


class Smtp(Protocol):
    async def send(self, text: str) -> None: ...


class Outbox:
    def __init__(self) -> None:
        self._letters: list[str] = []

    def post(self, text: str) -> None:
        self._letters.insert(0, text)

    async def letters(self) -> AsyncIterator[str]:
        while self._letters:
            yield self._letters[0]
            self._letters.pop(0)  # BAD: checkthenact

    async def deliver(self, smtp: Smtp) -> int:
        sent = 0
        async for text in self.letters():
            await smtp.send(text)
            sent += 1
        return sent
