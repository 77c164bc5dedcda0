"""Shop that tells its hooks of orders."""
from collections.abc import Callable
from typing import Any

from .runner import HookRunner


class Shop:
    def __init__(self, runner: HookRunner) -> None:
        self._runner = runner
        self._hooks: dict[str, Callable[..., Any]] = {}
        self._orders = 0

    def order(self, sku: str) -> int:
        self._orders += 1
        for name, hook in self._hooks.items():
            self._runner.run(name, hook, self._orders, sku)
        return self._orders

    async def close(self) -> None:
        await self._runner.join()
