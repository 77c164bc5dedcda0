"""First quote of several brokers wins."""
from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Protocol


class Broker(Protocol):
    async def quote(self, symbol: str) -> float: ...


class Quotes:
    def __init__(self, brokers: Iterable[Broker]) -> None:
        self._brokers = list(brokers)
        self.late = 0

    async def _ask(self, broker: Broker, symbol: str, result: asyncio.Future[float]) -> None:
        quote = await broker.quote(symbol)
        if result.done():
            self.late += 1
            return
        result.set_result(quote)

    async def first(self, symbol: str) -> float:
        result: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        async with asyncio.TaskGroup() as group:
            for broker in self._brokers:
                group.create_task(self._ask(broker, symbol, result))
        return await result
