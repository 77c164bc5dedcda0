"""Interactive kernels of a notebook server."""
from __future__ import annotations

from typing import Protocol


class Kernel(Protocol):
    async def shutdown(self) -> None: ...

    async def interrupt(self) -> None: ...


class Audit(Protocol):
    async def record(self, verb: str, kernel_id: str) -> None: ...


class KernelTable:
    def __init__(self, audit: Audit) -> None:
        self._audit = audit
        self._kernels: dict[str, Kernel] = {}

    def register(self, kernel_id: str, kernel: Kernel) -> None:
        self._kernels[kernel_id] = kernel

    def _require(self, kernel_id: str) -> None:
        if kernel_id not in self._kernels:
            raise LookupError(kernel_id)

    async def interrupt(self, kernel_id: str) -> None:
        self._require(kernel_id)
        await self._audit.record("interrupt", kernel_id)
        await self._kernels[kernel_id].interrupt()  # BAD: checkthenact

    async def shutdown(self, kernel_id: str) -> bool:
        kernel = self._kernels.pop(kernel_id, None)
        if kernel is None:
            return False
        await kernel.shutdown()
        await self._audit.record("shutdown", kernel_id)
        return True
