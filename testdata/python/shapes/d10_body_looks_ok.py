"""Uploads by name; an upload removes only its own entry."""
import asyncio
import logging
from typing import Protocol

log = logging.getLogger("uploads")


class Bucket(Protocol):
    async def put(self, name: str, data: bytes) -> None: ...


class Uploads:
    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        self._running: dict[str, asyncio.Task[None]] = {}

    async def _run(self, name: str, data: bytes) -> None:
        try:
            await self._bucket.put(name, data)
        except Exception:
            log.exception("upload of %s failed", name)
        finally:
            if self._running.get(name) is asyncio.current_task():
                self._running.pop(name)

    def upload(self, name: str, data: bytes) -> None:
        running = self._running.get(name)
        if running is not None:
            running.cancel()
        self._running[name] = asyncio.create_task(self._run(name, data))

    async def close(self) -> None:
        tasks = [*self._running.values()]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
