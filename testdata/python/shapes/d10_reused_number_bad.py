"""A callback removes an entry under a number that is given out again."""
import asyncio
import logging

log = logging.getLogger(__name__)


class Lanes:
    def __init__(self):
        self._lanes = {}
        self._busy = 0

    async def _guard(self, coro):
        try:
            await coro
        except Exception:
            log.exception("job failed")

    def launch(self, coro):
        self._busy += 1
        lane = self._busy
        task = asyncio.create_task(self._guard(coro))
        self._lanes[lane] = task
        task.add_done_callback(lambda _: self._lanes.pop(lane, None))  # BAD: blindremoval

    def release(self):
        self._busy -= 1

    async def drain(self):
        tasks = list(self._lanes.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
