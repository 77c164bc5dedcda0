"""Time limits on tasks that nobody else awaits: one of its own, and one that the end of the object waits for."""
import asyncio
from typing import Protocol


class Api(Protocol):
    async def token(self) -> str: ...

    async def watch(self) -> None: ...


class Tokens:
    def __init__(self, api: Api) -> None:
        self._api = api
        self._watch: asyncio.Task[None] | None = None

    async def token(self) -> str:
        task = asyncio.create_task(self._api.token())
        return await asyncio.wait_for(task, 5)

    def start(self) -> None:
        if self._watch is None:
            self._watch = asyncio.create_task(self._run())

    async def _run(self) -> None:
        try:
            await self._api.watch()
        except OSError:
            return

    async def close(self) -> None:
        watch, self._watch = self._watch, None
        if watch is not None:
            try:
                await asyncio.wait_for(watch, timeout=5)
            except asyncio.TimeoutError:
                pass
