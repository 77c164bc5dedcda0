"""All that can fail in the body is caught; the clean-up behind it awaits, too."""
import asyncio
import logging
from typing import Protocol

log = logging.getLogger("pump")


class Pipe(Protocol):
    async def pump(self) -> None: ...

    async def close(self) -> None: ...


class Pumps:
    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def add(self, pipe: Pipe) -> None:
        task = asyncio.create_task(self._run(pipe))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, pipe: Pipe) -> None:
        try:
            while True:
                await asyncio.sleep(1)
                await pipe.pump()
        except Exception:
            log.exception("pump failed")
        finally:
            await pipe.close()

    async def close(self) -> None:
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
