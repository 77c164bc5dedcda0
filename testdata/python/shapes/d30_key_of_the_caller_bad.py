"""The clean-up removes what stands under a key that callers choose: a newer request under it is forgotten."""
import asyncio
from typing import Protocol


class Wire(Protocol):
    async def send(self, subject: str) -> None: ...


def make_name(subject: str) -> str:
    return subject.upper()


class Requests:
    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._waiting: dict[str, asyncio.Future[bytes]] = {}

    async def request(self, subject: str) -> bytes:
        name = make_name(subject)
        future: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        future.add_done_callback(lambda done: self._waiting.pop(name, None))  # BAD: blindremoval
        self._waiting[name] = future
        await self._wire.send(subject)
        return await future

    def arrived(self, subject: str, body: bytes) -> None:
        future = self._waiting.get(make_name(subject))
        if future is not None and not future.done():
            future.set_result(body)
