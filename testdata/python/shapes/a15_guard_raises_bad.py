"""The check is a helper that raises."""
from typing import Protocol


class Notary(Protocol):
    async def stamp(self, lot: str, bidder: str) -> str: ...


class AlreadySold(Exception):
    pass


class Auction:
    def __init__(self, notary: Notary) -> None:
        self._notary = notary
        self._sold: dict[str, str] = {}

    def _require_unsold(self, lot: str) -> None:
        if lot in self._sold:
            raise AlreadySold(lot)

    async def sell(self, lot: str, bidder: str) -> str:
        self._require_unsold(lot)
        stamp = await self._notary.stamp(lot, bidder)
        self._sold[lot] = bidder  # BAD: checkthenact
        return stamp
