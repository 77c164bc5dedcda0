"""Login attempts in redis, counted by the server."""
from redis.asyncio import Redis


class Locked(Exception):
    pass


class Attempts:
    def __init__(self, redis: Redis, limit: int = 5) -> None:
        self._redis = redis
        self._limit = limit

    async def failed(self, user: str) -> int:
        key = f"attempts:{user}"
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.incr(key)
            pipe.expire(key, 900)
            count, _ = await pipe.execute()
        if count > self._limit:
            await self._redis.set(f"locked:{user}", "1", ex=3600)
            raise Locked(user)
        return count

    async def locked(self, user: str) -> bool:
        return bool(await self._redis.get(f"locked:{user}"))

    async def clear(self, user: str) -> None:
        await self._redis.delete(f"attempts:{user}", f"locked:{user}")
