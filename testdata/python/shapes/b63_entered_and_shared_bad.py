"""A client can be awaited and entered, too, but it has an end of its own: it is there for many."""
from collections.abc import Generator
from types import TracebackType
from typing import Any, Protocol


class Site(Protocol):
    async def open_session(self) -> Any: ...


class Client:
    def __init__(self, site: Site) -> None:
        self._site = site
        self._session: Any = None

    async def session(self) -> Any:
        if self._session is None:
            self._session = await self._site.open_session()  # BAD: checkthenact
        return self._session

    def __await__(self) -> Generator[Any, None, Any]:
        return self.session().__await__()

    async def __aenter__(self) -> "Client":
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()

    async def close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()
