"""Remote copy of the sessions."""
from typing import Protocol


class Http(Protocol):
    async def put(self, path: str, body: bytes) -> None: ...


class RemoteStore:
    def __init__(self, http: Http) -> None:
        self._http = http

    async def save(self, name: str, body: bytes) -> None:
        if body:
            await self._http.put(f"/sessions/{name}", body)
