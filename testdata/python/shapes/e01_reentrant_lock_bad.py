"""A re-entrant thread lock: the second task of the same thread walks right in."""
import threading
from typing import Protocol


class Bank(Protocol):
    async def fee(self, amount: int) -> int: ...


class Wallet:
    def __init__(self, bank: Bank) -> None:
        self._bank = bank
        self._lock = threading.RLock()
        self._cents = 0

    async def spend(self, amount: int) -> int:
        with self._lock:  # BAD: threadlockawait|lostupdate @wallet
            cents = self._cents
            fee = await self._bank.fee(amount)
            self._cents = cents - amount - fee  # BAD: threadlockawait|lostupdate @wallet
            return self._cents
