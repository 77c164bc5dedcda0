"""Correlates acknowledgements with commands."""
from __future__ import annotations

import asyncio
from typing import Any, Protocol


class Codec(Protocol):
    async def decode(self, raw: bytes) -> dict[str, Any]: ...


class Acks:
    def __init__(self, codec: Codec) -> None:
        self._codec = codec
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self.unmatched = 0

    def expect(self, number: int) -> asyncio.Future[dict[str, Any]]:
        future = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        return future

    def give_up(self, number: int) -> None:
        future = self._waiting.pop(number, None)
        if future is not None and not future.done():
            future.cancel()

    async def feed(self, number: int, raw: bytes) -> None:
        if number not in self._waiting:
            self.unmatched += 1
            return
        ack = await self._codec.decode(raw)
        future = self._waiting.pop(number, None)
        if future is None or future.done():
            self.unmatched += 1
        else:
            future.set_result(ack)
