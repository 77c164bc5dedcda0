"""A value of a key-value server, read and written under a lock that the server keeps."""
import json

from redis.asyncio import Redis


class Budget:
    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def spend(self, team: str, amount: int) -> int:
        async with self._redis.lock(f"lock:{team}", timeout=5):
            raw = await self._redis.get(f"budget:{team}")
            left = json.loads(raw) if raw else 100
            if left < amount:
                raise ValueError(team)
            await self._redis.set(f"budget:{team}", json.dumps(left - amount))
            return left - amount

    async def claim(self, team: str, owner: str) -> bool:
        holder = await self._redis.get(f"owner:{team}")
        if holder is not None:
            return False
        return bool(await self._redis.set(f"owner:{team}", owner, nx=True))
