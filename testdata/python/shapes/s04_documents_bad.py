"""Rows by SQL, documents by a filter: written from what was read, or by the store itself."""
from typing import Any


class Wallets:
    def __init__(self, pool: Any) -> None:
        self._pool = pool

    async def withdraw(self, user: int, amount: int) -> bool:
        async with self._pool.acquire() as conn:
            balance = await conn.fetchval("SELECT balance FROM wallets WHERE id = $1", user)
            if balance < amount:
                return False
            await conn.execute("UPDATE wallets SET balance = $1 WHERE id = $2", balance - amount, user)  # BAD: stalerecord
        return True

    async def withdraw_locked(self, user: int, amount: int) -> bool:
        async with self._pool.acquire() as conn, conn.transaction():
            balance = await conn.fetchval("SELECT balance FROM wallets WHERE id = $1 FOR UPDATE", user)
            if balance < amount:
                return False
            await conn.execute("UPDATE wallets SET balance = $1 WHERE id = $2", balance - amount, user)
        return True

    async def withdraw_atomic(self, user: int, amount: int) -> bool:
        async with self._pool.acquire() as conn:
            row = await conn.fetchrow(
                "UPDATE wallets SET balance = balance - $1 WHERE id = $2 AND balance >= $1 RETURNING balance", amount, user
            )
        return row is not None


class Tickets:
    def __init__(self, collection: Any) -> None:
        self._tickets = collection

    async def claim(self, ticket: str, agent: str) -> bool:
        doc = await self._tickets.find_one({"_id": ticket})
        if doc is None or doc.get("agent"):
            return False
        await self._tickets.update_one({"_id": ticket}, {"$set": {"agent": agent}})  # BAD: stalerecord
        return True

    async def claim_atomic(self, ticket: str, agent: str) -> bool:
        result = await self._tickets.update_one({"_id": ticket, "agent": None}, {"$set": {"agent": agent}})
        return result.modified_count == 1


class Sessions:
    """A repository and a service."""

    def __init__(self, repo: "Repo") -> None:
        self._repo = repo

    async def extend(self, sid: str, by: int) -> None:
        session = await self._repo.load(sid)
        session["expires"] += by
        await self._repo.save(sid, session)  # BAD: stalerecord


class Repo:
    def __init__(self, redis: Any) -> None:
        self._redis = redis

    async def load(self, sid: str) -> dict:
        return await self._redis.hgetall(sid)

    async def save(self, sid: str, session: dict) -> None:
        await self._redis.hset(sid, mapping=session)
