"""Who stores how much, in PostgreSQL."""
import asyncpg


class UsageDAO:
    """Every statement that touches the objects table."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def used_bytes(self, organization_id: str) -> int:
        """The sum of an organization's objects."""
        return await self._pool.fetchval(
            "SELECT coalesce(sum(size), 0) FROM objects WHERE organization_id = $1",
            organization_id,
        )

    async def record(self, organization_id: str, key: str, size: int) -> None:
        """Note who stored an object."""
        await self._pool.execute(
            "INSERT INTO objects (organization_id, key, size) VALUES ($1, $2, $3)"
            " ON CONFLICT DO NOTHING",
            organization_id,
            key,
            size,
        )
