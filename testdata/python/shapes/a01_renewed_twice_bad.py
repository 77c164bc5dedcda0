"""OAuth token shared by all requests."""
from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Token:
    value: str
    expires: float


class Issuer(Protocol):
    async def refresh(self, old: str) -> Token: ...


class TokenHolder:
    """Refresh tokens are single-use: refreshing twice revokes the session."""

    def __init__(self, issuer: Issuer, token: Token) -> None:
        self._issuer = issuer
        self._token = token
        self.refreshes = 0

    def _expired(self) -> bool:
        return self._token.expires <= time.time()

    async def header(self) -> dict[str, str]:
        if self._expired():
            self.refreshes += 1
            self._token = await self._issuer.refresh(self._token.value)  # BAD: checkthenact
        return {"Authorization": f"Bearer {self._token.value}"}
