"""Task board: claim a card, then work on it."""
from __future__ import annotations

from typing import Any, Protocol


class Cards(Protocol):
    async def fetch(self, card_id: str) -> dict[str, Any]: ...

    async def store(self, card_id: str, card: dict[str, Any]) -> None: ...


class Board:
    def __init__(self, card_store: Cards) -> None:
        self._card_store = card_store

    async def claim(self, card_id: str, who: str) -> bool:
        card = await self._card_store.fetch(card_id)
        if card.get("owner"):
            return False
        updated = {**card, "owner": who}
        await self._card_store.store(card_id, updated)  # BAD: stalerecord
        return True

    async def owner(self, card_id: str) -> str | None:
        card = await self._card_store.fetch(card_id)
        return card.get("owner")
