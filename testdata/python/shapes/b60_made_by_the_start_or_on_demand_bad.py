"""The start makes the session, and so does whoever comes first: two of the latter still make two."""
from typing import Protocol


class Session(Protocol):
    async def get(self, path: str) -> bytes: ...


class Site(Protocol):
    async def open_session(self) -> Session: ...


class Reader:
    def __init__(self, site: Site) -> None:
        self._site = site
        self._session: Session | None = None

    async def start(self) -> None:
        self._session = await self._site.open_session()

    async def read(self, path: str) -> bytes:
        if self._session is None:
            self._session = await self._site.open_session()  # BAD: checkthenact
        return await self._session.get(path)
