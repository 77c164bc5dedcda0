"""Changes through `update` and `clear`, after an await that the test does not survive."""
from typing import Protocol


class Upstream(Protocol):
    async def prices(self) -> dict[str, int]: ...

    async def publish(self, prices: dict[str, int]) -> None: ...


class Prices:
    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream
        self._pending: dict[str, int] = {}

    def change(self, article: str, price: int) -> None:
        self._pending[article] = price

    async def publish(self) -> int:
        if not self._pending:
            return 0
        await self._upstream.publish(dict(self._pending))
        count = len(self._pending)
        self._pending.clear()  # BAD: checkthenact|lostupdate
        return count
