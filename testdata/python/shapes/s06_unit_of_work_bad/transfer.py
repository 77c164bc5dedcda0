"""Transfers between accounts."""
from __future__ import annotations

from .models import Account
from .uow import UnitOfWork


class Insufficient(Exception):
    pass


async def withdraw(uow: UnitOfWork, account_id: int, amount: int) -> int:
    async with uow:
        account = await uow.session.get(Account, account_id)
        if account.balance < amount:
            raise Insufficient(account_id)
        account.balance -= amount  # BAD: stalerecord @w
        await uow.commit()  # BAD: stalerecord @w
        return account.balance


async def withdraw_locked(uow: UnitOfWork, account_id: int, amount: int) -> int:
    async with uow:
        account = await uow.session.get(Account, account_id, with_for_update=True)
        if account.balance < amount:
            raise Insufficient(account_id)
        account.balance -= amount
        await uow.commit()
        return account.balance
