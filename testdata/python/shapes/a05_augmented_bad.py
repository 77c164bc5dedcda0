"""Points collected from several judges."""
from typing import Protocol


class Judge(Protocol):
    async def points(self, entry: str) -> int: ...


class Scoreboard:
    def __init__(self) -> None:
        self.total = 0
        self.entries: list[str] = []

    async def judge(self, judge: Judge, entry: str) -> int:
        self.entries.append(entry)
        self.total += await judge.points(entry)  # BAD: lostupdate
        return self.total

    def average(self) -> float:
        return self.total / max(1, len(self.entries))
