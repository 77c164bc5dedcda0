"""The clean-up compares with the task that its callback was given: a newer entry stays."""
import asyncio
import logging

logger = logging.getLogger(__name__)


class Runner:
    def __init__(self):
        self._running = {}
        self._cleaning = set()

    def start(self, key, job):
        task = asyncio.create_task(job())
        self._running[key] = task
        task.add_done_callback(lambda t: self._finished(key, t))

    async def stop(self, key):
        task = self._running.pop(key, None)
        if task is not None:
            task.cancel()

    def _finished(self, key, task):
        if not task.cancelled() and task.exception() is not None:
            logger.error("a job failed: %r", task.exception())

        async def cleanup():
            await asyncio.sleep(0)
            if self._running.get(key) is task:
                del self._running[key]

        cleaning = asyncio.create_task(cleanup())
        self._cleaning.add(cleaning)
        cleaning.add_done_callback(self._cleaned)

    def _cleaned(self, cleaning):
        self._cleaning.discard(cleaning)
        if not cleaning.cancelled() and cleaning.exception() is not None:
            logger.error("cleaning up failed: %r", cleaning.exception())

    async def close(self):
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, *self._cleaning, return_exceptions=True)
