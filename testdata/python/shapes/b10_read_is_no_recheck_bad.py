"""Reading the field again is not asking it again."""
import logging
from typing import Protocol

log = logging.getLogger("lease")


class Lease(Protocol):
    async def revoke(self) -> None: ...


class Keeper(Protocol):
    async def open_lease(self, name: str) -> Lease: ...


class Leases:
    def __init__(self, keeper: Keeper, name: str) -> None:
        self._keeper = keeper
        self._name = name
        self._lease: Lease | None = None

    async def lease(self) -> Lease:
        if self._lease is None:
            fresh = await self._keeper.open_lease(self._name)
            _ = self._lease
            log.debug("replacing %r", self._lease)
            self._lease = fresh  # BAD: checkthenact
        return self._lease
