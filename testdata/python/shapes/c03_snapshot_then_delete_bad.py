"""Expired entries are deleted after the mail about them went out."""
from typing import Protocol


class Mailer(Protocol):
    async def expired(self, user: str) -> None: ...


class Invitations:
    def __init__(self, mailer: Mailer) -> None:
        self._mailer = mailer
        self._invited: dict[str, float] = {}

    def invite(self, user: str, now: float) -> None:
        self._invited[user] = now

    def accept(self, user: str) -> bool:
        return self._invited.pop(user, None) is not None

    async def expire(self, now: float) -> int:
        count = 0
        for user, since in tuple(self._invited.items()):
            if now - since > 3600:
                await self._mailer.expired(user)
                del self._invited[user]  # BAD: checkthenact|blindremoval
                count += 1
        return count
