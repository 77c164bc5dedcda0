"""Workers that come with the load: how many there are is known at once, how many are idle a little later."""
import asyncio
import logging

log = logging.getLogger(__name__)


class Crew:
    def __init__(self, work, most=4):
        self._work = work
        self._most = most
        self._jobs = asyncio.Queue()
        self._crew = set()
        self._idle = 0

    def add(self, job):
        self._jobs.put_nowait(job)
        if self._idle == 0 and len(self._crew) < self._most:
            member = asyncio.create_task(self._serve())
            self._crew.add(member)
            member.add_done_callback(self._left)

    def _left(self, member):
        self._crew.discard(member)
        if not member.cancelled() and member.exception() is not None:
            log.error("a worker died", exc_info=member.exception())

    async def _serve(self):
        while True:
            self._idle += 1
            try:
                job = await self._jobs.get()
            finally:
                self._idle -= 1
            await self._work(job)

    async def close(self):
        for member in self._crew:
            member.cancel()
        await asyncio.gather(*self._crew, return_exceptions=True)
