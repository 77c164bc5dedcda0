"""Whatever happens, the flag is reset: once by hand, once by a context manager."""
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Index(Protocol):
    async def rebuild(self) -> int: ...

    async def verify(self) -> bool: ...


class Rebuilder:
    def __init__(self, index: Index) -> None:
        self._index = index
        self._busy = False
        self.documents = 0

    @contextmanager
    def _marked(self) -> Iterator[None]:
        self._busy = True
        try:
            yield
        finally:
            self._busy = False

    async def rebuild(self) -> bool:
        if self._busy:
            return False
        self._busy = True
        try:
            self.documents = await self._index.rebuild()
        finally:
            self._busy = False
        return True

    async def verify(self) -> bool | None:
        if self._busy:
            return None
        with self._marked():
            return await self._index.verify()
