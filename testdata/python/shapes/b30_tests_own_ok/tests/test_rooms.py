import asyncio
from typing import Any

from rooms import Room


class FakeLamp:
    async def on(self) -> None:
        await asyncio.sleep(0)


class TestRooms:
    room: Any = None

    async def fresh(self) -> Room:
        if self.room is None:
            await asyncio.sleep(0)
            self.room = Room(FakeLamp())
        return self.room

    async def test_lit_in_the_background(self) -> None:
        room = await self.fresh()
        asyncio.create_task(room.light())
        await asyncio.sleep(0.1)
        assert room.lit == 1
