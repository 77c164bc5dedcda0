"""A task that only hands a coroutine to a group, which owns it from then on."""
import asyncio

from aiorpcx import TaskGroup


class Peers:
    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.taskgroup = TaskGroup()
        self._loop = loop

    async def _listen(self) -> None:
        await asyncio.sleep(3600)

    def start(self) -> None:
        asyncio.run_coroutine_threadsafe(self.taskgroup.spawn(self._listen()), self._loop)  # LOW: untrackedtask

    async def stop(self) -> None:
        await self.taskgroup.cancel_remaining()
