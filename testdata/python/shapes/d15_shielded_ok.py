"""Several callers await one task, each behind a shield."""
import asyncio
from typing import Protocol


class Api(Protocol):
    async def token(self) -> str: ...


class Tokens:
    def __init__(self, api: Api) -> None:
        self._api = api
        self._request: asyncio.Task[str] | None = None

    async def token(self) -> str:
        if self._request is None:
            self._request = asyncio.create_task(self._api.token())
        return await asyncio.shield(self._request)

    async def close(self) -> None:
        request, self._request = self._request, None
        if request is not None:
            request.cancel()
            await asyncio.gather(request, return_exceptions=True)
