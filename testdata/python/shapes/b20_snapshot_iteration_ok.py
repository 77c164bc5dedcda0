"""Iterating over copies, over fresh objects, and over what never changes."""
from typing import Protocol


class Listener(Protocol):
    async def notify(self, event: str) -> None: ...


class Bus:
    def __init__(self, defaults: list[Listener]) -> None:
        self._defaults = list(defaults)
        self._listeners: dict[str, Listener] = {}
        self._order: list[str] = []

    @property
    def listeners(self) -> list[Listener]:
        return list(self._listeners.values())

    def attach(self, name: str, listener: Listener) -> None:
        self._listeners[name] = listener
        self._order.append(name)

    def detach(self, name: str) -> None:
        if self._listeners.pop(name, None) is not None:
            self._order.remove(name)

    async def emit(self, event: str) -> None:
        for listener in self._defaults:
            await listener.notify(event)
        for listener in list(self._listeners.values()):
            await listener.notify(event)
        for listener in self.listeners:
            await listener.notify(event)

    async def emit_in_order(self, event: str) -> None:
        for name in sorted(self._order):
            if (listener := self._listeners.get(name)) is not None:
                await listener.notify(event)
        for name in self._order.copy():
            if name in self._listeners:
                await self._listeners[name].notify(event)
        for listener in tuple(self._listeners.values())[:3]:
            await listener.notify(event)
