"""Whoever takes the entry out of the table shuts it down; readers look once."""
from typing import Protocol


class Kernel(Protocol):
    async def interrupt(self) -> None: ...

    async def shutdown(self) -> None: ...


class Kernels:
    def __init__(self) -> None:
        self._kernels: dict[str, Kernel] = {}

    def adopt(self, name: str, kernel: Kernel) -> None:
        self._kernels[name] = kernel

    async def interrupt(self, name: str) -> bool:
        kernel = self._kernels.get(name)
        if kernel is None:
            return False
        await kernel.interrupt()
        return True

    async def shutdown(self, name: str) -> None:
        if (kernel := self._kernels.pop(name, None)) is not None:
            await kernel.shutdown()

    async def shutdown_all(self) -> None:
        while self._kernels:
            _, kernel = self._kernels.popitem()
            await kernel.shutdown()
