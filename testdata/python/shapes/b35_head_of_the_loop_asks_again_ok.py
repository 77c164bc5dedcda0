"""The first look only declines; the head of the waiting loop asks again before a place is taken."""
import asyncio
from collections import deque


class Places:
    def __init__(self, free: int) -> None:
        self._free = free
        self._waiters: deque[asyncio.Future[None]] = deque()

    async def take(self, patient: bool) -> bool:
        if not patient and self._free <= 0:
            return False
        while self._free <= 0:
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiters.append(turn)
            await turn
        self._free -= 1
        return True

    def give_back(self) -> None:
        self._free += 1
        while self._waiters:
            turn = self._waiters.popleft()
            if not turn.done():
                turn.set_result(None)
                return
