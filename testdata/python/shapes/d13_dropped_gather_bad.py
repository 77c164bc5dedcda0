"""Gathered, shielded, waited for, handed to a loop in a thread: and nobody waits."""
import asyncio
from typing import Protocol


class Room(Protocol):
    async def clean(self) -> None: ...

    async def heat(self) -> None: ...


class House:
    def __init__(self, rooms: list[Room], loop: asyncio.AbstractEventLoop) -> None:
        self._rooms = tuple(rooms)
        self._loop = loop

    async def clean(self) -> None:
        asyncio.gather(*(room.clean() for room in self._rooms))  # BAD: untrackedtask

    async def heat(self) -> None:
        for room in self._rooms:
            asyncio.shield(room.heat())  # BAD: untrackedtask

    def heat_from_thread(self, room: Room) -> None:
        asyncio.run_coroutine_threadsafe(room.heat(), self._loop)  # BAD: untrackedtask

    async def heat_all(self) -> None:
        tasks = [asyncio.create_task(room.heat()) for room in self._rooms]  # BAD: untrackedtask @wait
        asyncio.wait(tasks)  # BAD: untrackedtask @wait

    def clean_from_thread(self, room: Room) -> None:
        asyncio.run_coroutine_threadsafe(room.clean(), self._loop).result(10)

    async def clean_and_wait(self) -> None:
        await asyncio.gather(*(room.clean() for room in self._rooms))
