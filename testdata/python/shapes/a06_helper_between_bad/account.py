"""Cash box of one shop."""
from .bank import Bank


class CashBox:
    def __init__(self, bank: Bank, cents: int = 0) -> None:
        self._bank = bank
        self.cents = cents

    async def deposit(self, amount: int) -> int:
        before = self.cents
        fee = await self._bank.fee(amount)
        self.cents = before + amount - fee  # BAD: lostupdate
        return self.cents

    def count(self, amount: int) -> None:
        self.cents += amount
