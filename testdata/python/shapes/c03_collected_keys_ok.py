"""The keys are collected, and removed in the same step, or only if they are still there."""
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

    async def expire(self, now: float) -> None:
        for user in [user for user, since in self._invited.items() if now - since > 3600]:
            if self._invited.pop(user, None) is not None:
                await self._mailer.expired(user)

    async def expire_at_once(self, now: float) -> None:
        old = [user for user, since in self._invited.items() if now - since > 3600]
        for user in old:
            del self._invited[user]
        for user in old:
            await self._mailer.expired(user)

    async def expire_asked(self, now: float) -> None:
        old = {user: since for user, since in self._invited.items() if now - since > 3600}
        for user in old:
            await self._mailer.expired(user)
            if user in self._invited:
                del self._invited[user]

    async def drop_first(self) -> None:
        user = next(iter(self._invited))
        del self._invited[user]
        await self._mailer.expired(user)

    async def drop_oldest(self) -> None:
        user = min(self._invited, key=self._invited.__getitem__)
        await self._mailer.expired(user)
        self._invited.pop(user, None)
