"""The clean-up removes what stands under a key that was drawn for it: a number counted on, a made-up name."""
import asyncio
import itertools
from typing import Protocol


class Wire(Protocol):
    async def send(self, subject: str, token: str) -> None: ...


class Names:
    def __init__(self) -> None:
        self._count = itertools.count()

    def next(self) -> bytes:
        return b"n%d" % next(self._count)


class Requests:
    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._names = Names()
        self._number = 0
        self._waiting: dict[str, asyncio.Future[bytes]] = {}
        self._handled: dict[int, str] = {}

    async def request(self, subject: str) -> bytes:
        token = self._names.next()
        future: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        future.add_done_callback(lambda done: self._waiting.pop(token.decode(), None))
        self._waiting[token.decode()] = future
        await self._wire.send(subject, token.decode())
        return await future

    def arrived(self, token: str, body: bytes) -> None:
        future = self._waiting.get(token)
        if future is not None and not future.done():
            future.set_result(body)

    async def handle(self, subject: str) -> None:
        self._number += 1
        number = self._number
        self._handled[number] = subject

        def ended(task: "asyncio.Task[None]") -> None:
            self._handled.pop(number, None)
            if not task.cancelled() and task.exception() is not None:
                self._handled.clear()

        task = asyncio.create_task(self._wire.send(subject, str(number)))
        task.add_done_callback(ended)
        await task
