"""Guest sessions in PostgreSQL."""
import uuid
from datetime import datetime
from typing import Optional

import asyncpg

from domain.guest_session import GUEST_LIFETIME, MAX_AI_REQUESTS, GuestSession


class GuestSessionDAO:
    """Every statement that touches the guest_sessions table."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def create(self, now: datetime) -> GuestSession:
        """Begin a tour."""
        session = GuestSession(str(uuid.uuid4()), now, now + GUEST_LIFETIME)
        async with self._pool.acquire() as connection:
            await connection.execute(
                "INSERT INTO guest_sessions (id, created_at, expires_at) VALUES ($1, $2, $3)",
                session.id,
                session.created_at,
                session.expires_at,
            )
        return session

    async def find(self, session_id: str) -> Optional[GuestSession]:
        """One session, or None."""
        async with self._pool.acquire() as connection:
            row = await connection.fetchrow(
                "SELECT * FROM guest_sessions WHERE id = $1", session_id
            )
        if row is None:
            return None
        return GuestSession(
            id=row["id"],
            created_at=row["created_at"],
            expires_at=row["expires_at"],
            ai_requests=row["ai_requests"],
            features_viewed=list(row["features_viewed"] or []),
        )

    async def count_ai_request(self, session_id: str) -> bool:
        """Use up one AI request; False if there is none left. One statement."""
        async with self._pool.acquire() as connection:
            tag = await connection.execute(
                "UPDATE guest_sessions SET ai_requests = ai_requests + 1"
                " WHERE id = $1 AND ai_requests < $2",
                session_id,
                MAX_AI_REQUESTS,
            )
        return tag == "UPDATE 1"

    async def view_feature(self, session_id: str, feature: str) -> None:
        """Remember what a guest has looked at; the database merges."""
        async with self._pool.acquire() as connection:
            await connection.execute(
                "UPDATE guest_sessions SET features_viewed = array_append(features_viewed, $2)"
                " WHERE id = $1 AND NOT features_viewed @> ARRAY[$2]",
                session_id,
                feature,
            )

    async def delete_expired(self, now: datetime) -> int:
        """Forget the tours that are over."""
        async with self._pool.acquire() as connection:
            tag = await connection.execute(
                "DELETE FROM guest_sessions WHERE expires_at <= $1", now
            )
        return int(tag.rsplit(" ", 1)[-1])
