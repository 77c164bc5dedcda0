"""Signing up."""
from .repository import AccountRepository


class NameTaken(Exception):
    pass


class Signup:
    def __init__(self, accounts: AccountRepository) -> None:
        self._accounts = accounts

    async def sign_up(self, name: str, owner: str) -> None:
        if await self._accounts.exists(name):
            raise NameTaken(name)
        await self._accounts.insert(name, owner)  # BAD: checkthenact @insert
