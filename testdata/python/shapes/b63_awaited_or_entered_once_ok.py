"""What a call gives to be awaited, or entered, belongs to the one who does."""
from collections.abc import Generator
from types import TracebackType
from typing import Any, Protocol


class Channel(Protocol):
    async def resolve(self) -> str: ...

    async def send(self, name: str, on: bool) -> None: ...


class Typing:
    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._name: str | None = None

    async def _resolved(self) -> str:
        if self._name is None:
            self._name = await self._channel.resolve()
        return self._name

    async def _once(self) -> None:
        await self._channel.send(await self._resolved(), True)

    def __await__(self) -> Generator[Any, None, None]:
        return self._once().__await__()

    async def __aenter__(self) -> None:
        await self._channel.send(await self._resolved(), True)

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._channel.send(await self._resolved(), False)
