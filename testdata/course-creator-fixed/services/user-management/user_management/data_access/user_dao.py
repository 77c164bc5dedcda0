"""Accounts and sessions in PostgreSQL."""
from datetime import datetime
from typing import Optional

from user_management.data_access.database import get_pool
from user_management.domain.user import User, UserSession


class UserDAO:
    """Every statement that touches users and sessions."""

    async def find_by_email(self, email: str) -> Optional[User]:
        """An account by its address, which is stored in lower case."""
        pool = await get_pool()
        row = await pool.fetchrow("SELECT * FROM users WHERE email = $1", email.lower())
        return User.from_row(row) if row else None

    async def find_by_id(self, user_id: str) -> Optional[User]:
        """An account by its id."""
        pool = await get_pool()
        row = await pool.fetchrow("SELECT * FROM users WHERE id = $1", user_id)
        return User.from_row(row) if row else None

    async def insert(self, user: User) -> bool:
        """Store a new account; False if the address is taken."""
        pool = await get_pool()
        tag = await pool.execute(
            "INSERT INTO users (id, email, full_name, password_hash, role)"
            " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (email) DO NOTHING",
            user.id,
            user.email.lower(),
            user.full_name,
            user.password_hash,
            user.role.value,
        )
        return tag == "INSERT 0 1"

    async def change_password(self, user_id: str, old_hash: str, new_hash: str) -> bool:
        """Replace the hash only if it is still the one that was verified."""
        pool = await get_pool()
        tag = await pool.execute(
            "UPDATE users SET password_hash = $3 WHERE id = $1 AND password_hash = $2",
            user_id,
            old_hash,
            new_hash,
        )
        return tag == "UPDATE 1"

    async def insert_session(self, session: UserSession) -> None:
        """Store a new session."""
        pool = await get_pool()
        await pool.execute(
            "INSERT INTO sessions (token, user_id, expires_at) VALUES ($1, $2, $3)",
            session.token,
            session.user_id,
            session.expires_at,
        )

    async def find_session(self, token: str, now: datetime) -> Optional[UserSession]:
        """A session that has not expired."""
        pool = await get_pool()
        row = await pool.fetchrow(
            "SELECT * FROM sessions WHERE token = $1 AND expires_at > $2", token, now
        )
        return UserSession.from_row(row) if row else None

    async def delete_session(self, token: str) -> None:
        """Log out; deleting what is gone is fine."""
        pool = await get_pool()
        await pool.execute("DELETE FROM sessions WHERE token = $1", token)
