"""Accounts, roles and sessions."""
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Mapping

SESSION_LIFETIME = timedelta(hours=12)


class Role(Enum):
    STUDENT = "student"
    INSTRUCTOR = "instructor"
    ADMIN = "admin"


@dataclass(frozen=True)
class User:
    """One account."""

    id: str
    email: str
    full_name: str
    password_hash: str
    role: Role

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> "User":
        return cls(
            id=row["id"],
            email=row["email"],
            full_name=row["full_name"],
            password_hash=row["password_hash"],
            role=Role(row["role"]),
        )


@dataclass(frozen=True)
class UserSession:
    """A login that is valid until it expires."""

    token: str
    user_id: str
    expires_at: datetime

    @classmethod
    def start(cls, user_id: str, now: datetime) -> "UserSession":
        """A new session with an unguessable token."""
        return cls(secrets.token_urlsafe(32), user_id, now + SESSION_LIFETIME)

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> "UserSession":
        return cls(row["token"], row["user_id"], row["expires_at"])
