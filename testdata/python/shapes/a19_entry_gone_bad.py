"""Kernels leave the table before their shutdown is awaited."""
from typing import Protocol


class Kernel(Protocol):
    async def interrupt(self) -> None: ...

    async def shutdown(self) -> None: ...


class Journal(Protocol):
    async def note(self, what: str) -> None: ...


class Kernels:
    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._kernels: dict[str, Kernel] = {}

    def adopt(self, name: str, kernel: Kernel) -> None:
        self._kernels[name] = kernel

    async def interrupt(self, name: str) -> bool:
        if name not in self._kernels:
            return False
        await self._journal.note(f"interrupt {name}")
        await self._kernels[name].interrupt()  # BAD: checkthenact
        return True

    async def shutdown(self, name: str) -> None:
        kernel = self._kernels.pop(name, None)
        if kernel is not None:
            await kernel.shutdown()
