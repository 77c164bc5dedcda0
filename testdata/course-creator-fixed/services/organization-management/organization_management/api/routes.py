"""HTTP interface of the organization service."""
from typing import Any, Dict

from fastapi import APIRouter, Depends, HTTPException, Request
from pydantic import BaseModel

from organization_management.application.organization_service import (
    OrganizationService,
    SlugTaken,
)
from organization_management.domain.organization import MemberRole

router = APIRouter(prefix="/api/v1/organizations", tags=["organizations"])


class CreateBody(BaseModel):
    name: str
    contact_email: str
    owner_id: str
    seat_limit: int = 50


class InviteBody(BaseModel):
    user_id: str
    role: MemberRole = MemberRole.STUDENT
    invited_by: str


async def get_service(request: Request) -> OrganizationService:
    """The service made at startup."""
    return request.app.state.organizations


@router.post("", status_code=201)
async def create(
    body: CreateBody, service: OrganizationService = Depends(get_service)
) -> Dict[str, str]:
    """Create an organization."""
    try:
        organization = await service.create(
            body.name, body.contact_email, body.owner_id, body.seat_limit
        )
    except SlugTaken as error:
        raise HTTPException(status_code=409, detail=str(error)) from error
    return {"id": organization.id, "slug": organization.slug}


@router.get("/{organization_id}")
async def get(
    organization_id: str, service: OrganizationService = Depends(get_service)
) -> Dict[str, Any]:
    """One organization."""
    organization = await service.get(organization_id)
    if organization is None:
        raise HTTPException(status_code=404, detail="No such organization")
    return {"name": organization.name, "seat_limit": organization.seat_limit}


@router.post("/{organization_id}/members")
async def invite(
    organization_id: str,
    body: InviteBody,
    service: OrganizationService = Depends(get_service),
) -> Dict[str, bool]:
    """Give a user a seat."""
    added = await service.invite(organization_id, body.user_id, body.role, body.invited_by)
    return {"added": added}
