"""Organizations in PostgreSQL."""
from typing import List, Optional

import asyncpg

from organization_management.domain.organization import Membership, Organization


class OrganizationDAO:
    """Every statement that touches organizations and memberships."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def insert(self, organization: Organization) -> bool:
        """Store a new organization; False if the slug is taken."""
        tag = await self._pool.execute(
            "INSERT INTO organizations (id, name, slug, contact_email, seat_limit, created_at)"
            " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (slug) DO NOTHING",
            organization.id,
            organization.name,
            organization.slug,
            organization.contact_email,
            organization.seat_limit,
            organization.created_at,
        )
        return tag == "INSERT 0 1"

    async def find(self, organization_id: str) -> Optional[Organization]:
        """One organization, or None."""
        row = await self._pool.fetchrow(
            "SELECT * FROM organizations WHERE id = $1", organization_id
        )
        return Organization.from_row(row) if row else None

    async def add_member(self, membership: Membership) -> bool:
        """Take a seat, if there is one; the organization's row is held meanwhile."""
        async with self._pool.acquire() as connection, connection.transaction():
            limit = await connection.fetchval(
                "SELECT seat_limit FROM organizations WHERE id = $1 FOR UPDATE",
                membership.organization_id,
            )
            taken = await connection.fetchval(
                "SELECT count(*) FROM memberships WHERE organization_id = $1",
                membership.organization_id,
            )
            if limit is None or taken >= limit:
                return False
            await connection.execute(
                "INSERT INTO memberships (organization_id, user_id, role, invited_by)"
                " VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
                membership.organization_id,
                membership.user_id,
                membership.role.value,
                membership.invited_by,
            )
        return True

    async def administrators(self, organization_id: str) -> List[str]:
        """Addresses of the people in charge."""
        rows = await self._pool.fetch(
            "SELECT u.email FROM memberships m JOIN users u ON u.id = m.user_id"
            " WHERE m.organization_id = $1 AND m.role IN ('owner', 'admin')",
            organization_id,
        )
        return [row["email"] for row in rows]

    async def insert_audit_entry(self, actor: str, action: str, subject: str) -> None:
        """Append to the audit trail."""
        await self._pool.execute(
            "INSERT INTO audit_trail (actor, action, subject) VALUES ($1, $2, $3)",
            actor,
            action,
            subject,
        )
