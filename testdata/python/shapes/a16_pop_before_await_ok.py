"""Waiting list: the guest is taken off first."""
from collections import deque
from typing import Protocol


class Mailer(Protocol):
    async def invite(self, guest: str) -> bool: ...


class WaitingList:
    def __init__(self, mailer: Mailer) -> None:
        self._mailer = mailer
        self._guests: deque[str] = deque()

    def join(self, guest: str) -> None:
        self._guests.append(guest)

    async def invite_next(self) -> str | None:
        if not self._guests:
            return None
        guest = self._guests.popleft()
        if not await self._mailer.invite(guest):
            self._guests.append(guest)
            return None
        return guest
