"""Use cases around organizations."""
import asyncio
import logging
import uuid
from datetime import datetime
from typing import Optional

from organization_management.application.audit_trail import AuditTrail
from organization_management.data_access.organization_dao import OrganizationDAO
from organization_management.domain.organization import (
    MemberRole,
    Membership,
    Organization,
)
from organization_management.infrastructure.mailer import Mailer

logger = logging.getLogger(__name__)


class SlugTaken(ValueError):
    """Another organization has the same address."""


class OrganizationService:
    """Creates organizations and lets people in."""

    def __init__(self, dao: OrganizationDAO, mailer: Mailer, audit: AuditTrail) -> None:
        self._dao = dao
        self._mailer = mailer
        self._audit = audit

    async def create(
        self, name: str, contact_email: str, owner_id: str, seat_limit: int = 50
    ) -> Organization:
        """Create an organization with its first member."""
        organization = Organization(
            id=str(uuid.uuid4()),
            name=name.strip(),
            slug=Organization.slug_for(name),
            contact_email=contact_email,
            seat_limit=seat_limit,
            created_at=datetime.utcnow(),
        )
        if not await self._dao.insert(organization):
            raise SlugTaken(f"The address {organization.slug!r} is taken")

        await self._dao.add_member(Membership(organization.id, owner_id, MemberRole.OWNER))
        self._audit.record(owner_id, "organization.created", organization.id)

        # The mail gateway is slow, the user need not wait for it
        asyncio.create_task(self._send_welcome(organization))
        return organization

    async def get(self, organization_id: str) -> Optional[Organization]:
        """One organization, or None."""
        return await self._dao.find(organization_id)

    async def invite(
        self, organization_id: str, user_id: str, role: MemberRole, invited_by: str
    ) -> bool:
        """Give a user a seat; False if there is none left."""
        membership = Membership(organization_id, user_id, role, invited_by)
        if not await self._dao.add_member(membership):
            await self._notify_administrators(organization_id)
            return False
        self._audit.record(invited_by, "member.added", f"{organization_id}/{user_id}")
        return True

    async def _send_welcome(self, organization: Organization) -> None:
        """Tell the contact person how to go on."""
        await self._mailer.send(
            organization.contact_email,
            "organization-welcome",
            name=organization.name,
            slug=organization.slug,
        )

    async def _notify_administrators(self, organization_id: str) -> None:
        """Say that the seats are used up, to all administrators at once."""
        addresses = await self._dao.administrators(organization_id)
        async with asyncio.TaskGroup() as group:
            for address in addresses:
                group.create_task(
                    self._mailer.send(address, "seats-used-up", id=organization_id)
                )
