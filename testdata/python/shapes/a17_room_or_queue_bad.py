"""Whoever finds no room, or others who wait, waits; whoever finds room suspends before taking it."""
import asyncio
from collections import deque


class Pool:
    def __init__(self, limit):
        self._limit = limit
        self._used = set()
        self._queue = deque()
        self._idle = []

    def _room(self):
        return self._limit - len(self._used)

    async def take(self, listeners):
        if self._room() <= 0 or self._queue:
            turn = asyncio.get_running_loop().create_future()
            self._queue.append(turn)
            await turn
        link = self._idle.pop() if self._idle else object()
        for listener in listeners:
            await listener.taken()
        self._used.add(link)  # BAD: checkthenact @room
        return link

    def give(self, link):
        self._used.discard(link)
        self._idle.append(link)
        if self._queue:
            self._queue.popleft().set_result(None)


pool = Pool(10)


async def handle(request):
    return await pool.take(request.app["listeners"])
