"""Listeners of a call: a closure changes a list of its own."""
from __future__ import annotations

from collections.abc import Awaitable, Callable

Listener = Callable[[str], Awaitable[None]]


class Bell:
    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    def listen(self, listener: Listener) -> None:
        self._listeners.append(listener)

    def waiting(self) -> tuple[Callable[[], int], Callable[[Listener], None]]:
        left = list(self._listeners)
        return (lambda: len(left)), (lambda listener: left.remove(listener))

    async def ring(self, text: str) -> None:
        for listener in self._listeners:
            await listener(text)
