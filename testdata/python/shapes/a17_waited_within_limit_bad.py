"""Waiting room: guests wait until a table is free."""
import asyncio


class Restaurant:
    def __init__(self, tables: int) -> None:
        self._tables = tables
        self._seated: set[str] = set()
        self._freed = asyncio.Condition()
        self.turned_away = 0

    async def seat(self, guest: str, patience: float) -> bool:
        async with self._freed:
            if len(self._seated) >= self._tables:
                try:
                    await asyncio.wait_for(self._freed.wait(), patience)
                except TimeoutError:
                    self.turned_away += 1
                    return False
            self._seated.add(guest)  # BAD: checkthenact
            return True

    async def leave(self, guest: str) -> None:
        async with self._freed:
            self._seated.discard(guest)
            self._freed.notify_all()

    def full(self) -> bool:
        return len(self._seated) >= self._tables
