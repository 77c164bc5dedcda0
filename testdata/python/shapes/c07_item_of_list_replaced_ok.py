"""Slots of a chassis: one is emptied while another task goes over all of them."""
from __future__ import annotations

from typing import Protocol


class Card(Protocol):
    async def close(self) -> None: ...


class Chassis:
    def __init__(self, size: int) -> None:
        self.slots: list[Card | None] = [None] * size

    def insert(self, number: int, card: Card) -> None:
        self.slots[number] = card

    def remove(self, number: int) -> None:
        self.slots[number] = None

    async def close(self) -> None:
        for card in self.slots:
            if card is not None:
                await card.close()
