"""Only values of existing keys are replaced: the loop does not mind."""
from typing import Protocol


class Lamp(Protocol):
    async def dim(self, level: int) -> int: ...


class Lamps:
    def __init__(self, lamps: dict[str, Lamp]) -> None:
        self._lamps = dict(lamps)
        self._levels = {name: 0 for name in lamps}

    async def dim(self, level: int) -> list[int]:
        reached = []
        for name, lamp in self._lamps.items():
            reached.append(await lamp.dim(level))
            self._levels[name] = level
        return reached

    def level(self, name: str) -> int:
        return self._levels[name]
