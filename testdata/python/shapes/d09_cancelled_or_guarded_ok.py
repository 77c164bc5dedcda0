"""Before the handle is stored, the earlier task is ended, or there is none."""
import asyncio
import logging
from typing import Protocol

log = logging.getLogger("watch")


class Folder(Protocol):
    async def changes(self) -> list[str]: ...


class Watcher:
    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._task: asyncio.Task[None] | None = None
        self._retry: asyncio.Task[None] | None = None
        self.seen: list[str] = []

    def watch(self) -> None:
        if self._task is not None and not self._task.done():
            return
        self._task = asyncio.create_task(self._run())

    def retry(self) -> None:
        if self._retry:
            self._retry.cancel()
        self._retry = asyncio.create_task(self._run())

    async def _run(self) -> None:
        try:
            self.seen.extend(await self._folder.changes())
        except Exception:
            log.exception("cannot read")

    async def close(self) -> None:
        tasks = [task for task in (self._task, self._retry) if task is not None]
        self._task = self._retry = None
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
