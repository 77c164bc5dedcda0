"""The task that is started asks the question again, under a lock, before it acts."""
import asyncio
from typing import Any, Protocol


class Server(Protocol):
    async def dial(self) -> Any: ...


class Lines:
    def __init__(self, server: Server) -> None:
        self._server = server
        self._lines: dict[Any, float] = {}
        self._lock = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    async def _dial(self) -> None:
        line = await self._server.dial()
        self._lines[line] = 0.0

    async def get(self) -> Any:
        async with self._lock:
            if not self._lines:
                await self._dial()
            return next(iter(self._lines))

    def warm_up(self) -> None:
        if self._lines:
            return

        async def dial() -> None:
            try:
                async with self._lock:
                    if not self._lines:
                        await self._dial()
            except Exception as error:
                print("no line", error)

        task = asyncio.create_task(dial())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
