"""An event is made for each thing that happens, and its listeners run one after the other."""
from typing import Protocol


class Api(Protocol):
    async def message(self, number: int) -> str: ...


class PinEvent:
    def __init__(self, api: Api, number: int) -> None:
        self._api = api
        self._number = number
        self._pinned: str | None = None

    async def pinned(self) -> str:
        if self._pinned is None:
            self._pinned = await self._api.message(self._number)
        return self._pinned
