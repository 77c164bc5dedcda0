"""One routine renews the task and stops it; the method that it calls for that has a public name."""
import asyncio
from typing import Protocol


class Log(Protocol):
    async def commit(self, part: int) -> None: ...

    async def next_part(self) -> int: ...


class Coordinator:
    def __init__(self, log: Log) -> None:
        self._log = log
        self._refresh: asyncio.Task[None] | None = None
        self._routine: asyncio.Task[None] = asyncio.create_task(self._coordinate())

    async def _coordinate(self) -> None:
        try:
            while True:
                part = await self._log.next_part()
                self.start_refresh(part)
        except OSError:
            await self._stop_refresh()

    def start_refresh(self, part: int) -> None:
        if self._refresh is not None:
            self._refresh.cancel()
        self._refresh = asyncio.create_task(self._log.commit(part))

    async def _stop_refresh(self) -> None:
        if self._refresh is not None:
            self._refresh.cancel()
            await asyncio.gather(self._refresh, return_exceptions=True)
            self._refresh = None

    async def close(self) -> None:
        self._routine.cancel()
        await asyncio.gather(self._routine, return_exceptions=True)
        await self._stop_refresh()
