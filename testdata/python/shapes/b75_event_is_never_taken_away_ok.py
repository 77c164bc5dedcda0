"""An event is made once, and cleared: whether it is set says nothing about whether there is one."""
import asyncio
from typing import Protocol


class Server(Protocol):
    async def status(self, job: str) -> str: ...


class Watch:
    def __init__(self, server: Server, job: str) -> None:
        self._server = server
        self._job = job
        self._changed: asyncio.Event | None = None

    def told(self) -> None:
        if self._changed is not None:
            self._changed.set()

    async def reset(self) -> None:
        if self._changed is not None:
            self._changed.clear()

    async def wait(self) -> str:
        if self._changed is None:
            self._changed = asyncio.Event()
        status = await self._server.status(self._job)
        while status not in ("done", "failed"):
            try:
                await asyncio.wait_for(self._changed.wait(), 0.5)
                self._changed.clear()
            except asyncio.TimeoutError:
                status = await self._server.status(self._job)
        return status
