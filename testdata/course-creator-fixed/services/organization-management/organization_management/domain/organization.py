"""Organizations and their members."""
import re
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, Mapping, Optional

_SLUG = re.compile(r"[^a-z0-9]+")


class MemberRole(Enum):
    OWNER = "owner"
    ADMIN = "admin"
    INSTRUCTOR = "instructor"
    STUDENT = "student"


@dataclass(frozen=True)
class Organization:
    """A school, a company, a club."""

    id: str
    name: str
    slug: str
    contact_email: str
    seat_limit: int
    created_at: datetime

    @staticmethod
    def slug_for(name: str) -> str:
        """The part of the address that names the organization."""
        return _SLUG.sub("-", name.lower()).strip("-")

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> "Organization":
        return cls(
            id=row["id"],
            name=row["name"],
            slug=row["slug"],
            contact_email=row["contact_email"],
            seat_limit=row["seat_limit"],
            created_at=row["created_at"],
        )


@dataclass(frozen=True)
class Membership:
    """A user's place in an organization."""

    organization_id: str
    user_id: str
    role: MemberRole
    invited_by: Optional[str] = None
