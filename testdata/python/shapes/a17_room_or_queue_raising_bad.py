"""As a17_room_or_queue_bad, where those who wait call listeners first, which may raise: who waits is still decided by the room."""
import asyncio
from collections import deque


class Listener:
    def __init__(self):
        self._ready = False

    async def _send(self, what):
        if not self._ready:
            raise RuntimeError("not ready")
        await asyncio.sleep(0)

    async def waiting(self):
        await self._send("waiting")

    async def taken(self):
        await self._send("taken")

    def start(self):
        self._ready = True


class Pool:
    def __init__(self, limit):
        self._limit = limit
        self._used = set()
        self._queue = deque()
        self._idle = []

    def _room(self):
        return self._limit - len(self._used)

    async def take(self, listeners: list[Listener]):
        if self._room() <= 0 or self._queue:
            turn = asyncio.get_running_loop().create_future()
            self._queue.append(turn)
            for listener in listeners:
                await listener.waiting()
            await turn
        link = self._idle.pop() if self._idle else None
        if link is None:
            link = object()
            self._used.add(link)  # BAD: checkthenact
        else:
            for listener in listeners:
                await listener.taken()
            self._used.add(link)
        return link

    def give(self, link):
        self._used.discard(link)
        self._idle.append(link)
        if self._queue:
            self._queue.popleft().set_result(None)


pool = Pool(10)


async def handle(request):
    return await pool.take(request.app["listeners"])
