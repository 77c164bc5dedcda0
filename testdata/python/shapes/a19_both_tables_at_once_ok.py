"""Two tables that belong together: changed in one step, asked both, or read under the lock."""
import asyncio
from typing import Protocol


class Kernel(Protocol):
    async def shutdown(self) -> None: ...


class AtOnce:
    def __init__(self) -> None:
        self._kernels: dict[str, Kernel] = {}
        self._owners: dict[str, str] = {}

    def adopt(self, name: str, owner: str, kernel: Kernel) -> None:
        self._kernels[name] = kernel
        self._owners[name] = owner

    def listing(self) -> list[tuple[str, Kernel]]:
        return [(owner, self._kernels[name]) for name, owner in self._owners.items()]

    async def stop(self, name: str) -> None:
        kernel = self._kernels.pop(name)
        del self._owners[name]
        await kernel.shutdown()


class Asked:
    def __init__(self) -> None:
        self._kernels: dict[str, Kernel] = {}
        self._owners: dict[str, str] = {}

    def adopt(self, name: str, owner: str, kernel: Kernel) -> None:
        self._kernels[name] = kernel
        self._owners[name] = owner

    def listing(self) -> list[tuple[str, Kernel]]:
        return [(owner, self._kernels[name]) for name, owner in self._owners.items() if name in self._kernels]

    def one(self, name: str) -> Kernel | None:
        try:
            return self._kernels[name] if name in self._owners else None
        except KeyError:
            return None

    async def stop(self, name: str) -> None:
        kernel = self._kernels.pop(name)
        await kernel.shutdown()
        self._owners.pop(name, None)


class Locked:
    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._kernels: dict[str, Kernel] = {}
        self._owners: dict[str, str] = {}

    async def adopt(self, name: str, owner: str, kernel: Kernel) -> None:
        async with self._lock:
            self._kernels[name] = kernel
            self._owners[name] = owner

    async def listing(self) -> list[tuple[str, Kernel]]:
        async with self._lock:
            return [(owner, self._kernels[name]) for name, owner in self._owners.items()]

    async def stop(self, name: str) -> None:
        async with self._lock:
            kernel = self._kernels.pop(name)
            await kernel.shutdown()
            self._owners.pop(name, None)
