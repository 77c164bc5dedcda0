"""`watch()` may be called again while the earlier watch still runs."""
import asyncio
import contextlib
import logging
from typing import Protocol

log = logging.getLogger("watch")


class Folder(Protocol):
    async def changes(self) -> list[str]: ...


class Watcher:
    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._task: asyncio.Task[None] | None = None
        self.seen: list[str] = []

    def watch(self) -> None:
        self._task = asyncio.create_task(self._run())  # BAD: overwrittentask

    async def _run(self) -> None:
        while True:
            try:
                self.seen.extend(await self._folder.changes())
            except OSError:
                log.exception("cannot read")

    async def close(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
