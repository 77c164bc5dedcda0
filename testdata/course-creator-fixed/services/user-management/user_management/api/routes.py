"""HTTP interface of the user service."""
from typing import Any, Dict, Optional

from fastapi import APIRouter, Depends, Header, HTTPException, Request
from pydantic import BaseModel

from user_management.application.authentication_service import (
    AuthenticationError,
    AuthenticationService,
)
from user_management.domain.request_context import RequestContext

router = APIRouter(prefix="/api/v1/users", tags=["users"])


class LoginBody(BaseModel):
    email: str
    password: str


class PasswordBody(BaseModel):
    old: str
    new: str


async def get_authentication(request: Request) -> AuthenticationService:
    """The service made at startup."""
    return request.app.state.authentication


async def get_context(
    authorization: Optional[str] = Header(default=None),
    service: AuthenticationService = Depends(get_authentication),
) -> RequestContext:
    """A fresh context for this request, with the caller if there is one."""
    token = authorization.removeprefix("Bearer ") if authorization else None
    return await service.authenticate(RequestContext(token=token))


@router.post("/login")
async def login(
    body: LoginBody, service: AuthenticationService = Depends(get_authentication)
) -> Dict[str, Any]:
    """Start a session."""
    try:
        session = await service.login(body.email, body.password)
    except AuthenticationError as error:
        raise HTTPException(status_code=401, detail=str(error)) from error
    return {"token": session.token, "expires_at": session.expires_at}


@router.get("/me")
async def me(context: RequestContext = Depends(get_context)) -> Dict[str, Any]:
    """Who am I?"""
    if context.user is None:
        raise HTTPException(status_code=401, detail="Not logged in")
    return {"id": context.user.id, "role": context.user.role.value}


@router.post("/me/password")
async def change_password(
    body: PasswordBody,
    context: RequestContext = Depends(get_context),
    service: AuthenticationService = Depends(get_authentication),
) -> Dict[str, bool]:
    """Change the own password."""
    if context.user is None:
        raise HTTPException(status_code=401, detail="Not logged in")
    changed = await service.change_password(context.user.id, body.old, body.new)
    return {"changed": changed}


@router.post("/logout", status_code=204)
async def logout(
    context: RequestContext = Depends(get_context),
    service: AuthenticationService = Depends(get_authentication),
) -> None:
    """End the session."""
    await service.logout(context)
