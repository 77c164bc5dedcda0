"""Backups in an executor; each future is kept and asked for its result."""
import asyncio
import logging
from concurrent.futures import Future, ThreadPoolExecutor

log = logging.getLogger("backup")


class Backup:
    def __init__(self, target: str) -> None:
        self._target = target
        self._pool = ThreadPoolExecutor(max_workers=2)
        self._copies: list[Future[int]] = []

    def _copy(self, path: str) -> int:
        with open(path, "rb") as source, open(self._target, "ab") as target:
            return target.write(source.read())

    def add(self, path: str) -> None:
        self._copies.append(self._pool.submit(self._copy, path))

    async def finish(self) -> int:
        total = 0
        copies, self._copies = self._copies, []
        for copy in copies:
            try:
                total += await asyncio.wrap_future(copy)
            except OSError as error:
                log.error("copy failed: %s", error)
        self._pool.shutdown(wait=False)
        return total
