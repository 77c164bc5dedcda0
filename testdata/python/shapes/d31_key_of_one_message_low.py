"""The entry stands under the token that the server gave to this one task of its."""
import asyncio
from typing import Any, Protocol


class Server(Protocol):
    async def poll(self) -> Any: ...

    async def complete(self, token: bytes) -> None: ...


class Worker:
    def __init__(self, server: Server) -> None:
        self._server = server
        self._running: dict[bytes, asyncio.Task[None]] = {}
        self.failed = 0

    async def run(self) -> None:
        while True:
            task = await self._server.poll()
            self._running[task.task_token] = asyncio.create_task(self._handle(task.task_token))

    async def _handle(self, task_token: bytes) -> None:
        try:
            await self._server.complete(task_token)
        except OSError:
            self.failed += 1
        finally:
            del self._running[task_token]  # LOW: blindremoval

    async def close(self) -> None:
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
