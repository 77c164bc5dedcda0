"""Ticket numbers; the lock is a local of the coroutine."""
import asyncio
from typing import Protocol


class Printer(Protocol):
    async def print_ticket(self, number: int) -> None: ...


class TicketMachine:
    def __init__(self, printer: Printer) -> None:
        self._printer = printer
        self._number = 0

    async def draw(self) -> int:
        lock = asyncio.Lock()
        async with lock:  # BAD: uselesslock
            number = self._number + 1
            await self._printer.print_ticket(number)
            self._number = number  # MAYBE: lostupdate
        return number
