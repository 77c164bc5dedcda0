"""A callback removes an entry under a number that was there only once."""
import asyncio
import logging

log = logging.getLogger(__name__)


class Supervisor:
    def __init__(self):
        self._jobs = {}
        self._next = 0
        self._rounds = {}
        self._round = 0

    async def _guard(self, coro):
        try:
            await coro
        except Exception:
            log.exception("job failed")

    def launch(self, coro):
        self._next += 1
        number = self._next
        task = asyncio.create_task(self._guard(coro))
        self._jobs[number] = task
        task.add_done_callback(lambda _: self._jobs.pop(number, None))
        return number

    def launch_round(self, coro):
        number = self._round
        self._round += 1
        task = asyncio.create_task(self._guard(coro))
        self._rounds[number] = task
        task.add_done_callback(lambda _: self._rounds.pop(number, None))

    async def drain(self):
        tasks = [*self._jobs.values(), *self._rounds.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
