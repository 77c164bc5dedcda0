"""Quota guarded by a lock that a property makes anew each time."""
import asyncio
from typing import Protocol


class Ledger(Protocol):
    async def spent(self, user: str) -> int: ...


class Quota:
    def __init__(self, ledger: Ledger, limit: int) -> None:
        self._ledger = ledger
        self._limit = limit
        self._left: dict[str, int] = {}

    @property
    def _guard(self) -> asyncio.Lock:
        return asyncio.Lock()

    async def take(self, user: str) -> bool:
        async with self._guard:  # BAD: uselesslock|checkthenact|lostupdate @prop
            if user not in self._left:
                self._left[user] = self._limit - await self._ledger.spent(user)  # BAD: uselesslock|checkthenact @prop
            if self._left[user] <= 0:
                return False
            self._left[user] -= 1
            return True
