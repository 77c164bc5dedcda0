"""A condition is its lock: both names exclude each other."""
import asyncio
from typing import Any, Protocol


class Vault(Protocol):
    async def open_session(self, role: str) -> Any: ...


class Secrets:
    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._lock = asyncio.Lock()
        self._changed = asyncio.Condition(self._lock)
        self._sessions: dict[str, Any] = {}

    async def session(self, role: str) -> Any:
        async with self._lock:
            if role not in self._sessions:
                self._sessions[role] = await self._vault.open_session(role)
            return self._sessions[role]

    async def replace(self, role: str) -> None:
        async with self._changed:
            if role in self._sessions:
                self._sessions[role] = await self._vault.open_session(role)
                self._changed.notify_all()
