"""The value is kept if there is one, and made otherwise: a test in an expression."""
from typing import Protocol


class Session(Protocol):
    async def get(self) -> str: ...


class Dialer(Protocol):
    async def dial(self) -> Session: ...


class Client:
    def __init__(self, dialer: Dialer) -> None:
        self._dialer = dialer
        self._session: Session | None = None
        self._other: Session | None = None
        self._third: Session | None = None

    async def session(self) -> Session:
        self._session = self._session if self._session is not None else await self._dialer.dial()  # BAD: checkthenact
        return self._session

    async def other(self) -> Session:
        self._other = (await self._dialer.dial()) if self._other is None else self._other  # BAD: checkthenact
        return self._other

    async def third(self) -> Session:
        session = await self._dialer.dial()
        self._third = self._third if self._third is not None else session
        return self._third
