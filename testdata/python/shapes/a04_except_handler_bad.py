"""Exchange links by currency pair; the handler opens the missing one."""
from typing import Protocol


class Link(Protocol):
    async def quote(self) -> float: ...


class Exchange(Protocol):
    async def connect(self, pair: str) -> Link: ...


class Quotes:
    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._links: dict[str, Link] = {}
        self.asked = 0

    async def quote(self, pair: str) -> float:
        try:
            link = self._links[pair]
        except KeyError:
            link = self._links[pair] = await self._exchange.connect(pair)  # BAD: checkthenact
        self.asked += 1
        return await link.quote()
