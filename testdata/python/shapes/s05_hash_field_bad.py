"""Carts as redis hashes."""
import json
from typing import Any

from redis.asyncio import Redis


class CartStore:
    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def _read(self, cart: str) -> dict[str, Any]:
        raw = await self._redis.hget("carts", cart)
        return json.loads(raw) if raw else {"items": {}}

    async def add(self, cart: str, sku: str, count: int) -> dict[str, Any]:
        data = await self._read(cart)
        items = data["items"]
        items[sku] = items.get(sku, 0) + count
        await self._redis.hset("carts", cart, json.dumps(data))  # BAD: stalerecord
        return data

    async def total(self, cart: str) -> int:
        data = await self._read(cart)
        return sum(data["items"].values())
