"""Crawler with an on-demand worker."""
from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable


class Crawler:
    def __init__(self, fetch: Callable[[str], Awaitable[list[str]]], group: asyncio.TaskGroup) -> None:
        self._fetch = fetch
        self._group = group
        self._frontier: set[str] = set()
        self._seen: set[str] = set()
        self._crawling = False
        self.concurrent = 0

    def push(self, url: str) -> None:
        if url in self._seen:
            return
        self._seen.add(url)
        self._frontier.add(url)
        if not self._crawling:
            self._group.create_task(self._crawl())  # BAD: checkthenact @crawl

    async def _crawl(self) -> None:
        self._crawling = True  # BAD: checkthenact @crawl
        self.concurrent += 1
        try:
            while self._frontier:
                url = self._frontier.pop()
                for link in await self._fetch(url):
                    if link not in self._seen:
                        self._seen.add(link)
                        self._frontier.add(link)
        finally:
            self.concurrent -= 1
            self._crawling = False  # MAYBE: blindremoval
