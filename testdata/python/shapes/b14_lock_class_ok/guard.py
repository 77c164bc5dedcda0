"""A lock with a name, for the log."""
import asyncio
import logging

log = logging.getLogger("guard")


class Guard:
    def __init__(self, name: str) -> None:
        self.name = name
        self._lock = asyncio.Lock()

    async def __aenter__(self) -> "Guard":
        await self._lock.acquire()
        log.debug("%s taken", self.name)
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._lock.release()
        log.debug("%s free", self.name)
