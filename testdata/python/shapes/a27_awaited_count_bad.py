"""The room is removed when the awaited count says that it is empty."""
from typing import Protocol


class Journal(Protocol):
    async def note(self, room: str, members: int) -> None: ...


class Rooms:
    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._members: dict[str, set[str]] = {}

    def join(self, room: str, who: str) -> None:
        self._members.setdefault(room, set()).add(who)

    async def _count(self, room: str) -> int:
        members = len(self._members[room])
        await self._journal.note(room, members)
        return members

    async def leave(self, room: str, who: str) -> None:
        if room not in self._members:
            return
        self._members[room].discard(who)
        if await self._count(room) == 0:
            self._members.pop(room, None)  # BAD: checkthenact|blindremoval
