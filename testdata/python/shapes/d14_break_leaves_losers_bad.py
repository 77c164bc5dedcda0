"""`break` leaves the slower requests to themselves."""
import asyncio
from typing import Protocol


class Mirror(Protocol):
    async def size(self, path: str) -> int: ...


class Mirrors:
    def __init__(self, mirrors: list[Mirror]) -> None:
        self._mirrors = tuple(mirrors)

    async def size(self, path: str) -> int:
        size = 0
        requests = [mirror.size(path) for mirror in self._mirrors]
        for answer in asyncio.as_completed(requests, timeout=5):  # BAD: untrackedtask
            size = await answer
            if size:
                break
        return size

    async def sizes(self, path: str) -> list[int]:
        sizes = []
        for answer in asyncio.as_completed([mirror.size(path) for mirror in self._mirrors]):
            sizes.append(await answer)
        return sizes
