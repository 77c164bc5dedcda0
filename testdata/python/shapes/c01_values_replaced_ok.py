"""Only the values of keys that are there are replaced: the loop does not mind."""
from typing import Protocol


class Lamp(Protocol):
    async def dim(self, level: int) -> None: ...


class Lamps:
    def __init__(self, lamps: dict[str, Lamp]) -> None:
        self._lamps = dict(lamps)
        self._levels = dict.fromkeys(lamps, 0)

    def set_level(self, name: str, level: int) -> None:
        if name not in self._levels:
            raise KeyError(name)
        self._levels[name] = level

    async def apply(self) -> int:
        total = 0
        for name, level in self._levels.items():
            await self._lamps[name].dim(level)
            total += level
        return total
