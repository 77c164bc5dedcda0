"""Async functions that test and set without an await in between."""
from typing import Any, Protocol


class Http(Protocol):
    async def get(self, path: str) -> bytes: ...


class Session:
    def __init__(self) -> None:
        self.headers: dict[str, str] = {}
        self.requests = 0


class Browser:
    def __init__(self, http: Http) -> None:
        self._http = http
        self._session: Session | None = None
        self._hosts: dict[str, dict[str, Any]] = {}

    async def session(self) -> Session:
        if self._session is None:
            self._session = Session()
        return self._session

    async def visit(self, host: str, path: str) -> bytes:
        session = await self.session()
        if host not in self._hosts:
            self._hosts[host] = {"visits": 0}
        self._hosts[host]["visits"] += 1
        session.requests += 1
        return await self._http.get(f"{host}/{path}")
