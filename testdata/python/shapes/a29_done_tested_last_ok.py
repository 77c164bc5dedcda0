"""`done()` is asked right before the future is settled."""
import asyncio
from typing import Protocol


class Codec(Protocol):
    async def decode(self, body: bytes) -> str: ...


class Calls:
    def __init__(self, codec: Codec) -> None:
        self._codec = codec
        self._waiting: dict[int, asyncio.Future[str]] = {}

    async def call(self, number: int, timeout: float) -> str:
        future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        try:
            return await asyncio.wait_for(future, timeout)
        finally:
            self._waiting.pop(number, None)

    async def on_reply(self, number: int, body: bytes) -> None:
        future = self._waiting.get(number)
        if future is None:
            return
        text = await self._codec.decode(body)
        if not future.done():
            future.set_result(text)

    def on_failure(self, number: int, error: Exception) -> None:
        future = self._waiting.get(number)
        if future is not None and not future.done():
            future.set_exception(error)
