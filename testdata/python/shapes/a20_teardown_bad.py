"""Reset closes the session and then clears whatever is there by now."""
import asyncio
from typing import Protocol


class Session(Protocol):
    async def get(self, path: str) -> bytes: ...

    async def close(self) -> None: ...


class Client(Protocol):
    async def open_session(self) -> Session: ...


class Fetcher:
    def __init__(self, client: Client) -> None:
        self._client = client
        self._lock = asyncio.Lock()
        self._session: Session | None = None

    async def _current(self) -> Session:
        async with self._lock:
            if self._session is None:
                self._session = await self._client.open_session()
            return self._session

    async def get(self, path: str) -> bytes:
        session = await self._current()
        return await session.get(path)

    async def reset(self) -> None:
        if self._session:
            await self._session.close()
            self._session = None  # BAD: checkthenact|blindremoval
