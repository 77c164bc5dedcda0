"""Two tables that belong together: one loses its entry before the awaited shutdown, the other after it."""
from typing import Protocol


class Kernel(Protocol):
    async def shutdown(self) -> None: ...


class Sessions:
    def __init__(self) -> None:
        self._kernels: dict[str, Kernel] = {}
        self._connections: dict[str, int] = {}

    def adopt(self, name: str, kernel: Kernel) -> None:
        self._kernels[name] = kernel
        self._connections[name] = 0

    def listing(self) -> list[tuple[str, int]]:
        return [(name, self._connections[name]) for name in self._kernels]  # BAD: checkthenact

    async def shutdown(self, name: str) -> None:
        if self._connections.pop(name, None) is None:
            return
        kernel = self._kernels[name]
        await kernel.shutdown()
        if self._kernels.get(name) is kernel:
            del self._kernels[name]
