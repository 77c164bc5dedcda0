"""Ports of an adapter: one that is emptied exists all the same."""
from __future__ import annotations

from typing import Protocol


class Cable(Protocol):
    async def plug(self) -> None: ...


class Adapter:
    def __init__(self, numbers: list[int]) -> None:
        self.ports: dict[int, Cable | None] = {}
        for number in numbers:
            self.ports[number] = None

    def exists(self, number: int) -> bool:
        return number in self.ports

    def put(self, number: int, cable: Cable) -> None:
        self.ports[number] = cable

    def empty(self, number: int) -> None:
        self.ports[number] = None


class Machine:
    def __init__(self) -> None:
        self.adapter = Adapter([0, 1])

    async def bind(self, number: int, cable: Cable) -> None:
        if not self.adapter.exists(number):
            raise LookupError(number)
        await cable.plug()
        self.adapter.put(number, cable)

    async def unbind(self, number: int, cable: Cable) -> None:
        if not self.adapter.exists(number):
            raise LookupError(number)
        await cable.plug()
        self.adapter.empty(number)
