"""Reset takes the session out before it closes it."""
import asyncio
from typing import Protocol


class Session(Protocol):
    async def close(self) -> None: ...


class Client(Protocol):
    async def open_session(self) -> Session: ...


class Fetcher:
    def __init__(self, client: Client) -> None:
        self._client = client
        self._lock = asyncio.Lock()
        self._session: Session | None = None

    async def session(self) -> Session:
        async with self._lock:
            if self._session is None:
                self._session = await self._client.open_session()
            return self._session

    async def reset(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def reset_quietly(self) -> None:
        session = self._session
        self._session = None
        try:
            if session:
                await session.close()
        except OSError:
            pass
