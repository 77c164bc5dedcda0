"""Waiting list: the place is given up after the mail went out."""
from typing import Protocol


class Mailer(Protocol):
    async def invite(self, guest: str) -> None: ...


class WaitingList:
    def __init__(self, mailer: Mailer) -> None:
        self._mailer = mailer
        self._guests: list[str] = []

    def join(self, guest: str) -> None:
        if guest not in self._guests:
            self._guests.append(guest)

    async def invite(self, guest: str) -> bool:
        if guest not in self._guests:
            return False
        await self._mailer.invite(guest)
        self._guests.remove(guest)  # BAD: checkthenact
        return True
