"""Mailbox quota with separate locks for senders and cleaners."""
import asyncio
from typing import Protocol


class Spool(Protocol):
    async def store(self, box: str, size: int) -> None: ...

    async def purge(self, box: str) -> int: ...


class Quota:
    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._send_lock = asyncio.Lock()
        self._clean_lock = asyncio.Lock()
        self._used: dict[str, int] = {}

    async def deliver(self, box: str, size: int) -> int:
        async with self._send_lock:  # BAD: uselesslock|lostupdate @two
            used = self._used.get(box, 0)
            await self._spool.store(box, size)
            self._used[box] = used + size  # BAD: lostupdate|uselesslock @two
            return self._used[box]

    async def clean(self, box: str) -> int:
        async with self._clean_lock:  # BAD: uselesslock|lostupdate @two
            used = self._used.get(box, 0)
            freed = await self._spool.purge(box)
            self._used[box] = max(0, used - freed)  # BAD: lostupdate|uselesslock @two
            return freed

    def used(self, box: str) -> int:
        return self._used.get(box, 0)
