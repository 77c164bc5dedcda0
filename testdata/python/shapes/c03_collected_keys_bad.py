"""The keys are collected first; by the time each is handled, it may be gone."""
from typing import Protocol


class Mailer(Protocol):
    async def expired(self, user: str) -> None: ...


class Invitations:
    def __init__(self, mailer: Mailer) -> None:
        self._mailer = mailer
        self._invited: dict[str, float] = {}
        self._guests: list[str] = []

    def invite(self, user: str, now: float) -> None:
        self._invited[user] = now
        self._guests.append(user)

    def accept(self, user: str) -> bool:
        if user in self._guests:
            self._guests.remove(user)
        return self._invited.pop(user, None) is not None

    async def expire(self, now: float) -> None:
        for user in [user for user, since in self._invited.items() if now - since > 3600]:
            await self._mailer.expired(user)
            del self._invited[user]  # BAD: checkthenact|blindremoval|iterationrace

    async def expire_collected(self, now: float) -> int:
        old = []
        for user, since in self._invited.items():
            if now - since > 3600:
                old.append(user)
        for user in old:
            await self._mailer.expired(user)
            del self._invited[user]  # BAD: checkthenact|blindremoval|iterationrace
        return len(old)

    async def expire_table(self, now: float) -> None:
        old = {user: since for user, since in self._invited.items() if now - since > 3600}
        for user, since in old.items():
            await self._mailer.expired(f"{user} {since}")
            del self._invited[user]  # BAD: checkthenact|blindremoval|iterationrace

    async def greet(self) -> None:
        guests = [guest for guest in self._guests if guest.startswith("a")]
        for guest in guests:
            await self._mailer.expired(guest)
            self._guests.remove(guest)  # BAD: checkthenact|blindremoval|iterationrace

    async def drop_first(self) -> None:
        user = next(iter(self._invited))
        await self._mailer.expired(user)
        del self._invited[user]  # BAD: checkthenact|blindremoval

    async def drop_oldest(self) -> None:
        user = min(self._invited, key=self._invited.__getitem__)
        await self._mailer.expired(user)
        self._invited.pop(user)  # BAD: checkthenact|blindremoval
