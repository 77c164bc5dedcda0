"""Fleet of robots, stopped one after another."""
from __future__ import annotations

from typing import Protocol


class Robot(Protocol):
    async def park(self) -> float: ...


class Fleet:
    def __init__(self) -> None:
        self._robots: dict[str, Robot] = {}
        self._parked: dict[str, float] = {}

    def join(self, name: str, robot: Robot) -> None:
        self._robots[name] = robot

    def lost(self, name: str) -> None:
        self._robots.pop(name, None)
        self._parked.pop(name, None)

    async def park_all(self) -> float:
        spent = 0.0
        for name in list(self._robots):
            energy = await self._robots[name].park()  # BAD: checkthenact|iterationrace
            self._parked[name] = energy
            spent += energy
        return spent

    def parked(self) -> list[str]:
        return sorted(self._parked)
