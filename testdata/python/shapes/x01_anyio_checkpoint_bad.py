"""An AnyIO lock checkpoints even when it is free: entering it is a suspension."""
from typing import Protocol

import anyio


class Display(Protocol):
    def close(self) -> None: ...


class Screens:
    def __init__(self) -> None:
        self._lock = anyio.Lock()
        self._shown: list[str] = []

    async def show(self, text: str, limit: int = 3) -> bool:
        if len(self._shown) < limit:
            async with self._lock:
                self._shown.append(text)  # BAD: checkthenact
                return True
        return False
