"""Keyed locks in a weak dictionary: a lock lives as long as somebody holds or awaits it."""
import asyncio
from typing import Protocol
from weakref import WeakValueDictionary


class Mailbox(Protocol):
    async def move(self, message: str, folder: str) -> None: ...


class Mover:
    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._folders: dict[str, str] = {}

    async def move(self, message: str, folder: str) -> bool:
        lock = self._locks.get(message)
        if lock is None:
            lock = self._locks[message] = asyncio.Lock()
        async with lock:  # MAYBE: uselesslock
            if self._folders.get(message) == folder:
                return False
            await self._mailbox.move(message, folder)
            self._folders[message] = folder
            return True
