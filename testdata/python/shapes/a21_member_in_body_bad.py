"""Crawler: the page is marked as being fetched by the task, not by the one who starts it."""
import asyncio
from typing import Protocol


class Web(Protocol):
    async def fetch(self, url: str) -> str: ...


class Crawler:
    def __init__(self, web: Web) -> None:
        self._web = web
        self._fetching: set[str] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self.pages: dict[str, str] = {}

    def request(self, url: str) -> None:
        if url not in self._fetching:
            self._tasks.append(asyncio.create_task(self._fetch(url)))  # BAD: checkthenact @spawn

    async def _fetch(self, url: str) -> None:
        self._fetching.add(url)  # BAD: checkthenact @spawn
        try:
            self.pages[url] = await self._web.fetch(url)
        finally:
            self._fetching.discard(url)  # MAYBE: blindremoval|checkthenact

    async def settle(self) -> None:
        while self._tasks:
            await self._tasks.pop()
