"""Receives until told to stop; the loser of each race is cancelled."""
import asyncio
from typing import Protocol


class Stream(Protocol):
    async def read(self) -> bytes: ...


class Receiver:
    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._closing = asyncio.Event()
        self.chunks: list[bytes] = []

    async def run(self) -> None:
        closing = asyncio.create_task(self._closing.wait())
        try:
            while True:
                read = asyncio.create_task(self._stream.read())
                done, pending = await asyncio.wait({read, closing}, return_when=asyncio.FIRST_COMPLETED)
                if read not in done:
                    read.cancel()
                    await asyncio.gather(read, return_exceptions=True)
                    return
                self.chunks.append(read.result())
        finally:
            closing.cancel()

    async def first(self, streams: list[Stream]) -> bytes:
        tasks = [asyncio.create_task(stream.read()) for stream in streams]
        done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
        return done.pop().result()

    def close(self) -> None:
        self._closing.set()
