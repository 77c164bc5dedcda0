"""A class that tests derive from, and whose attributes they replace. What they put there never runs."""
import asyncio
import logging

log = logging.getLogger(__name__)


class Archive:
    def __init__(self, store):
        self._store = store
        self._removals = set()

    async def _remove(self, path):
        try:
            await self._store.delete(path)
        except Exception:
            log.exception("could not remove %s", path)

    def forget(self, path):
        task = asyncio.create_task(self._remove(path))
        self._removals.add(task)
        task.add_done_callback(self._removals.discard)

    async def close(self):
        removals = self._removals | set()
        await asyncio.wait(removals, timeout=5)
        self._removals.difference_update(removals)
