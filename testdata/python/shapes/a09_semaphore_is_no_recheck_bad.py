"""A semaphore of one is a lock; it too needs a second test."""
import asyncio
from typing import Any, Protocol


class Vault(Protocol):
    async def open_session(self, role: str) -> Any: ...


class Secrets:
    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._turn = asyncio.Semaphore(1)
        self._sessions: dict[str, Any] = {}

    async def session(self, role: str) -> Any:
        if role in self._sessions:
            return self._sessions[role]
        async with self._turn:
            session = await self._vault.open_session(role)
            self._sessions[role] = session  # BAD: checkthenact
            return session
