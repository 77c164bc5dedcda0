"""The one who has started the task cancels it, and then waits for it under a limit."""
import asyncio
from typing import Protocol


class Wire(Protocol):
    async def serve(self) -> None: ...


class Client:
    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._lock = asyncio.Lock()
        self._ready = asyncio.Event()
        self._runner: asyncio.Task[None] | None = None

    async def _run(self) -> None:
        try:
            self._ready.set()
            await self._wire.serve()
        except OSError:
            self._ready.clear()

    async def connect(self) -> None:
        async with self._lock:
            if self._runner is None:
                self._runner = asyncio.create_task(self._run())
                try:
                    await self._ready.wait()
                except asyncio.CancelledError:
                    self._runner.cancel()
                    try:
                        await asyncio.wait_for(self._runner, 3)
                    except (asyncio.TimeoutError, asyncio.CancelledError):
                        pass
                    self._runner = None
                    raise

    async def close(self) -> None:
        async with self._lock:
            if self._runner is not None:
                self._runner.cancel()
                await asyncio.gather(self._runner, return_exceptions=True)
                self._runner = None
