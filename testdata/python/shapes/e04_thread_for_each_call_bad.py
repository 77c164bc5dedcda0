"""A thread with a loop of its own for every letter; the lock belongs to whichever loop took it first."""
import asyncio
import threading
from typing import Protocol


class Smtp(Protocol):
    async def send(self, address: str) -> None: ...


class Mailer:
    def __init__(self, smtp: Smtp) -> None:
        self._smtp = smtp
        self._lock = asyncio.Lock()
        self._sent = 0

    async def send(self, address: str) -> int:
        async with self._lock:  # BAD: uselesslock
            await self._smtp.send(address)
            self._sent += 1  # MAYBE: lostupdate|checkthenact
            return self._sent

    def send_in_thread(self, address: str) -> None:
        threading.Thread(target=self._run, args=(address,)).start()

    def _run(self, address: str) -> None:
        asyncio.run(self.send(address))
