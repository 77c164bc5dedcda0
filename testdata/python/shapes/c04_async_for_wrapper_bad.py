"""An async generator walks the shared set; its consumers suspend at every step."""
from collections.abc import AsyncIterator
from typing import Protocol


class Guest(Protocol):
    async def greet(self) -> None: ...


class Party:
    def __init__(self) -> None:
        self._guests: set[Guest] = set()

    def arrive(self, guest: Guest) -> None:
        self._guests.add(guest)

    def leave(self, guest: Guest) -> None:
        self._guests.discard(guest)

    async def guests(self) -> AsyncIterator[Guest]:
        for guest in self._guests:  # BAD: iterationrace @walk
            yield guest

    async def greet(self) -> int:
        greeted = 0
        async for guest in self.guests():  # BAD: iterationrace @walk
            await guest.greet()
            greeted += 1
        return greeted
