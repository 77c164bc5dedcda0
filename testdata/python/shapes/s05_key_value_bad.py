"""Quotas kept as JSON in redis."""
import json
from datetime import date

from redis.asyncio import Redis


class QuotaExceeded(Exception):
    pass


class QuotaStore:
    def __init__(self, redis: Redis, limit: int) -> None:
        self._redis = redis
        self._limit = limit

    def _key(self, tenant: str) -> str:
        return f"quota:{tenant}:{date.today():%Y-%m}"

    async def spend(self, tenant: str, amount: int) -> int:
        key = self._key(tenant)
        raw = await self._redis.get(key)
        record = json.loads(raw) if raw else {"used": 0}
        if record["used"] + amount > self._limit:
            raise QuotaExceeded(tenant)
        record["used"] += amount
        await self._redis.set(key, json.dumps(record))  # BAD: stalerecord
        return record["used"]

    async def used(self, tenant: str) -> int:
        raw = await self._redis.get(self._key(tenant))
        return json.loads(raw)["used"] if raw else 0

    async def hits(self, tenant: str) -> int:
        return await self._redis.incr(f"hits:{tenant}")
