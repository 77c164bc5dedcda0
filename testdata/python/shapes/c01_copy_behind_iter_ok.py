"""Delivers to listeners through a registry that hands out copies."""
from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator

Handler = Callable[[str], Awaitable[None]]


class Listeners:
    def __init__(self) -> None:
        self._handlers: dict[int, Handler] = {}
        self._next = 0

    def add(self, handler: Handler) -> int:
        self._next += 1
        self._handlers[self._next] = handler
        return self._next

    def remove(self, token: int) -> None:
        self._handlers.pop(token, None)

    def __iter__(self) -> Iterator[Handler]:
        return iter(list(self._handlers.values()))


class Bell:
    def __init__(self, listeners: Listeners) -> None:
        self._listeners = listeners
        self.rung = 0

    async def ring(self, text: str) -> None:
        for handler in self._listeners:
            await handler(text)
        self.rung += 1

    async def subscribe(self, handler: Handler) -> int:
        return self._listeners.add(handler)
