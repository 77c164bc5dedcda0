"""A list of tasks goes on with one more, and is waited for in the end."""
import asyncio
from typing import Protocol


class Market(Protocol):
    async def hedge(self, order: str) -> None: ...


class Strategy:
    def __init__(self, market: Market) -> None:
        self._market = market
        self._hedging: list["asyncio.Task[None]"] = []

    def filled(self, order: str) -> None:
        self._hedging += [asyncio.create_task(self._market.hedge(order))]

    async def stop(self) -> None:
        await asyncio.gather(*self._hedging)
