"""Quota per tenant and overall."""
import asyncio
from collections import defaultdict
from typing import Any


class Quotas:
    def __init__(self, billing: Any, ceiling: int) -> None:
        self._billing = billing
        self._ceiling = ceiling
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._used: dict[str, int] = {}
        self._total = 0
        self._client: Any = None

    async def charge(self, tenant: str, units: int) -> int:
        async with self._locks[tenant]:
            used = self._used.get(tenant, 0)
            await self._billing.charge(tenant, units)
            self._used[tenant] = used + units
        return self._used[tenant]

    async def charge_all(self, tenant: str, units: int) -> int:
        async with self._locks[tenant]:
            total = self._total
            await self._billing.charge(tenant, units)
            self._total = total + units  # BAD: lostupdate|checkthenact|uselesslock
        return self._total
