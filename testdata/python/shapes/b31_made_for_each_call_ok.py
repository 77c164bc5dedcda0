"""Each request makes its own survey; nobody else ever has it."""
from typing import Any, Protocol


class Site(Protocol):
    async def head(self, url: str) -> int: ...

    async def links(self, url: str) -> list[str]: ...


class Survey:
    def __init__(self, site: Site) -> None:
        self._site = site
        self.size: int | None = None
        self.pages: dict[str, list[str]] = {}

    async def measure(self, url: str) -> int:
        if self.size is None:
            self.size = await self._site.head(url)
        return self.size

    async def visit(self, url: str) -> list[str]:
        if url not in self.pages:
            self.pages[url] = await self._site.links(url)
        return self.pages[url]


class Surveyor:
    def __init__(self, site: Site, log: Any) -> None:
        self._site = site
        self._log = log

    async def survey(self, url: str) -> int:
        work = Survey(self._site)
        self._log.started(work)
        for link in await work.visit(url):
            await work.visit(link)
        return await work.measure(url)
