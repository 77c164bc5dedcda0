"""A part of a tuple is asked before the await, and asked again after it."""
from typing import Protocol


class Referee(Protocol):
    async def confirm(self, player: str, score: int) -> bool: ...


class Scores:
    def __init__(self, referee: Referee) -> None:
        self._referee = referee
        self._best: tuple[str, int] = ("", 0)

    async def submit(self, player: str, score: int) -> bool:
        if score <= self._best[1]:
            return False
        confirmed = await self._referee.confirm(player, score)
        if confirmed and score > self._best[1]:
            self._best = (player, score)
        return confirmed
