"""Sequence numbers for outgoing invoices."""
from typing import Protocol


class Ledger(Protocol):
    async def record(self, number: int, customer: str) -> None: ...


class Invoices:
    def __init__(self, ledger: Ledger, last: int = 0) -> None:
        self._ledger = ledger
        self._last = last
        self.issued: list[str] = []

    async def issue(self, customer: str) -> str:
        number = self._last + 1
        await self._ledger.record(number, customer)
        self._last = number  # BAD: lostupdate
        name = f"INV-{number:05d}"
        self.issued.append(name)
        return name
