"""Listeners that are told one after the other; each takes itself out by what it has been given."""
from __future__ import annotations

from collections.abc import Awaitable, Callable

Listener = Callable[[str], Awaitable[None]]


class Bell:
    def __init__(self) -> None:
        self._listeners: list[Listener] = []
        self._named: dict[str, list[Listener]] = {}

    def listen(self, listener: Listener) -> Callable[[], None]:
        listeners = self._listeners
        listeners.append(listener)
        return lambda: listeners.remove(listener)

    def listen_to(self, name: str, listener: Listener) -> Callable[[], None]:
        listeners = self._named.setdefault(name, [])
        listeners.append(listener)

        def stop() -> None:
            listeners.remove(listener)

        return stop

    async def ring(self, text: str) -> None:
        for listener in self._listeners:  # BAD: iterationrace
            await listener(text)

    async def ring_for(self, name: str, text: str) -> None:
        for listener in self._named.get(name, []):  # BAD: iterationrace
            await listener(text)

    async def ring_copies(self, text: str) -> None:
        for listener in tuple(self._listeners):
            await listener(text)
