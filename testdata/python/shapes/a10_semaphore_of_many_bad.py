"""A semaphore of four lets four in: it is no lock."""
import asyncio
from typing import Any, Protocol


class Vault(Protocol):
    async def open_session(self, role: str) -> Any: ...


class Secrets:
    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._slots = asyncio.Semaphore(4)
        self._sessions: dict[str, Any] = {}

    async def session(self, role: str) -> Any:
        async with self._slots:
            if role not in self._sessions:
                self._sessions[role] = await self._vault.open_session(role)  # BAD: checkthenact
            return self._sessions[role]
