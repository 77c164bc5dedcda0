"""The callback is hung on, the task is not kept."""
import asyncio
import logging
from typing import Protocol

log = logging.getLogger("thumbnails")


class Images(Protocol):
    async def shrink(self, path: str) -> None: ...


def report(task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and task.exception():
        log.error("cannot shrink", exc_info=task.exception())


class Thumbnails:
    def __init__(self, images: Images) -> None:
        self._images = images

    def on_upload(self, path: str) -> None:
        asyncio.create_task(self._images.shrink(path)).add_done_callback(report)  # BAD: untrackedtask

    async def shrink_all(self, paths: list[str]) -> None:
        for path in paths:
            await self._images.shrink(path)
