"""A decorator takes the lock for the whole method."""
import asyncio
import functools
from collections.abc import Awaitable, Callable
from typing import Any, Protocol


class Modem(Protocol):
    async def command(self, text: str) -> str: ...


def exclusive(method: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    @functools.wraps(method)
    async def run(self: "Phone", *args: Any, **kwargs: Any) -> Any:
        async with self._lock:
            return await method(self, *args, **kwargs)

    return run


class Phone:
    def __init__(self, modem: Modem) -> None:
        self._modem = modem
        self._lock = asyncio.Lock()
        self._operator: str | None = None
        self._sent = 0

    @exclusive
    async def operator(self) -> str:
        if self._operator is None:
            self._operator = await self._modem.command("AT+COPS?")
        return self._operator

    @exclusive
    async def send(self, text: str) -> int:
        sent = self._sent
        await self._modem.command(text)
        self._sent = sent + 1
        return self._sent
