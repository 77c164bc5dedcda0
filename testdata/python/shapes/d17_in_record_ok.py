"""Ways to hand a task on."""
import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from typing import NamedTuple, Protocol


class Api(Protocol):
    async def call(self, name: str) -> str: ...


class Started(NamedTuple):
    name: str
    task: "asyncio.Task[str]"


class Caller:
    def __init__(self, api: Api) -> None:
        self._api = api

    def start(self, name: str) -> Started:
        return Started(name, asyncio.create_task(self._api.call(name)))

    def start_each(self, names: list[str]) -> "Iterator[asyncio.Task[str]]":
        for name in names:
            yield asyncio.create_task(self._api.call(name))

    async def pair(self, left: str, right: str) -> tuple[str, str]:
        first: asyncio.Task[str] = asyncio.create_task(self._api.call(left))
        second = asyncio.create_task(self._api.call(right))
        return await first, await second

    async def both(self, left: str, right: str) -> list[str]:
        return await asyncio.gather(*[asyncio.create_task(self._api.call(n)) for n in (left, right)])

    async def with_side(self, name: str, side: str) -> str:
        async with AsyncExitStack() as stack:
            task = asyncio.create_task(self._api.call(side))
            stack.callback(task.cancel)
            return await self._api.call(name)

    async def all(self, names: list[str]) -> list[str]:
        return [await task for task in list(self.start_each(names))]

    async def started(self, name: str) -> str:
        started = self.start(name)
        return f"{started.name}: {await started.task}"
