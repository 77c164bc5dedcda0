"""An event tells that the table was loaded; two that find it unset load it twice."""
import asyncio
from typing import Protocol


class Api(Protocol):
    async def load(self) -> dict[str, str]: ...

    async def receive(self) -> str | None: ...


class Table:
    def __init__(self, api: Api) -> None:
        self._api = api
        self._ready = asyncio.Event()
        self._ended = asyncio.Event()
        self._rows: dict[str, str] = {}
        self.last = ""

    async def rows(self) -> dict[str, str]:
        if not self._ready.is_set():
            self._rows = await self._api.load()
            self._ready.set()  # BAD: checkthenact
        return self._rows

    async def pump(self) -> None:
        while not self._ended.is_set():
            text = await self._api.receive()
            if text is None:
                self._ended.set()
            else:
                self.last = text

    async def stop(self) -> None:
        if self._ended.is_set():
            return
        await self._api.receive()
        self._ended.set()
