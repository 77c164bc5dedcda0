"""Delivers to subscribers through a registry."""
from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator

Handler = Callable[[str], Awaitable[None]]


class Registry:
    def __init__(self) -> None:
        self._handlers: dict[int, Handler] = {}
        self._next = 0

    def add(self, handler: Handler) -> int:
        self._next += 1
        self._handlers[self._next] = handler
        return self._next

    def remove(self, token: int) -> None:
        del self._handlers[token]

    def __iter__(self) -> Iterator[Handler]:
        return iter(self._handlers.values())

    def __len__(self) -> int:
        return len(self._handlers)


class Fanout:
    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self.delivered = 0

    async def deliver(self, text: str) -> None:
        for handler in self._registry:  # BAD: iterationrace
            await handler(text)
            self.delivered += 1

    async def subscribe(self, handler: Handler) -> int:
        return self._registry.add(handler)
