"""Middleware that fills the context of one request."""
from dataclasses import dataclass, field
from typing import Any, Protocol


class Users(Protocol):
    async def by_token(self, token: str) -> str: ...


class Sessions(Protocol):
    async def load(self, user: str) -> dict[str, Any]: ...


@dataclass
class Request:
    token: str
    user: str | None = None
    session: dict[str, Any] | None = None
    notes: dict[str, Any] = field(default_factory=dict)


async def authenticate(request: Request, users: Users) -> None:
    if request.user is None:
        request.user = await users.by_token(request.token)


async def load_session(request: Request, sessions: Sessions) -> None:
    if request.session is None and request.user is not None:
        request.session = await sessions.load(request.user)
    if "visits" not in request.notes:
        request.notes["visits"] = len(await sessions.load("visits"))


async def handle(token: str, users: Users, sessions: Sessions) -> dict[str, Any]:
    request = Request(token)
    await authenticate(request, users)
    await load_session(request, sessions)
    return {"user": request.user, **request.notes}
