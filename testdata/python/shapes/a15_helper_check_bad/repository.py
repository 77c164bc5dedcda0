"""Accounts in memory, mirrored to a journal."""
from typing import Protocol


class Journal(Protocol):
    async def append(self, line: str) -> None: ...


class AccountRepository:
    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._accounts: dict[str, str] = {}

    async def exists(self, name: str) -> bool:
        return name in self._accounts

    async def insert(self, name: str, owner: str) -> None:
        await self._journal.append(f"{name} {owner}")
        self._accounts[name] = owner  # BAD: checkthenact @insert

    def owner(self, name: str) -> str | None:
        return self._accounts.get(name)
