"""A part of a tuple is asked before the await, and the whole replaced after it."""
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
        if not await self._referee.confirm(player, score):
            return False
        self._best = (player, score)  # BAD: checkthenact
        return True

    async def add(self, score: int) -> None:
        best = self._best[1]
        await self._referee.confirm("", score)
        self._best = ("", best + score)  # BAD: lostupdate

    def leader(self) -> str:
        return self._best[0]
