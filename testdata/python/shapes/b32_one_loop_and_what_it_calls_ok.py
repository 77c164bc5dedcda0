"""One loop, started when the object is made, is all that runs the rest."""
import asyncio
from typing import Protocol


class Group(Protocol):
    async def prepare(self) -> None: ...

    async def join(self) -> bool: ...


class Member:
    def __init__(self, group: Group) -> None:
        self._group = group
        self._prepared = False
        self._stopped = False
        self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        while not self._stopped:
            await self.take_part()
            await asyncio.sleep(1)

    async def take_part(self) -> None:
        if not self._prepared:
            await self._group.prepare()
            self._prepared = True
        if await self._group.join():
            self._prepared = False

    async def close(self) -> None:
        self._stopped = True
        await self._task


class Consumer:
    def __init__(self, group: Group) -> None:
        self._member = Member(group)

    async def close(self) -> None:
        await self._member.close()
