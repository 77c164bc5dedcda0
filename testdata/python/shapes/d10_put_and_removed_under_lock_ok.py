"""What was put there is removed before the lock is released, and nobody puts anything there without it."""
import asyncio


class Greenhouse:
    def __init__(self, valves):
        self._valves = valves
        self._open = None
        self._turn = asyncio.Lock()

    async def water(self, bed, seconds):
        async with self._turn:
            self._open = bed
            await self._valves[bed].open()
            await asyncio.sleep(seconds)
            self._open = None

    def status(self):
        return self._open
