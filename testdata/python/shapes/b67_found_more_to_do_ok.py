"""As long as something is left to do, more may be added: that it was not empty limits nothing."""
import collections
from typing import Protocol


class Site(Protocol):
    async def links(self, url: str) -> list[str]: ...


class Crawl:
    def __init__(self, site: Site) -> None:
        self._site = site
        self._pending: collections.deque[str] = collections.deque()
        self.seen: set[str] = set()

    def add(self, url: str) -> None:
        self._pending.append(url)

    async def work(self) -> None:
        while self._pending:
            url = self._pending.popleft()
            for link in await self._site.links(url):
                if link not in self.seen:
                    self.seen.add(link)
                    self._pending.append(link)
