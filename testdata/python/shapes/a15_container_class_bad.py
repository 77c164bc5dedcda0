"""A class that looks like a container: its own methods ask and act."""
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Account:
    owner: str
    credit: int = 0
    history: list[int] = field(default_factory=list)


class Book:
    def __init__(self, mint: Any) -> None:
        self._mint = mint
        self._accounts: dict[str, Account] = {}

    def __contains__(self, owner: str) -> bool:
        return owner in self._accounts

    def __getitem__(self, owner: str) -> Account:
        return self._accounts[owner]

    def __setitem__(self, owner: str, account: Account) -> None:
        self._accounts[owner] = account

    async def open(self, owner: str) -> Account:
        if owner not in self:
            number = await self._mint.number(owner)
            self[owner] = Account(owner, number)  # BAD: checkthenact
        return self[owner]

    async def deposit(self, owner: str, amount: int) -> int:
        account = self._accounts[owner]
        credit = account.credit
        await self._mint.stamp(owner)
        account.credit = credit + amount  # BAD: lostupdate
        account.history.append(amount)
        return account.credit

    async def deposit_ok(self, owner: str, amount: int) -> int:
        account = self._accounts[owner]
        await self._mint.stamp(owner)
        account.credit += amount
        return account.credit
