"""The last user says goodbye, and closes only if nobody has come meanwhile."""
from __future__ import annotations

from typing import Protocol


class Bus(Protocol):
    async def open(self) -> None: ...

    async def say(self, text: str) -> None: ...

    async def close(self) -> None: ...


class SharedBus:
    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._users = 0
        self._open = False

    async def __aenter__(self) -> "SharedBus":
        self._users += 1
        if not self._open:
            self._open = True
            await self._bus.open()
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._users -= 1
        if self._users == 0:
            await self._bus.say("bye")
            if self._users == 0 and self._open:
                self._open = False
                await self._bus.close()

    async def say(self, text: str) -> None:
        await self._bus.say(text)
