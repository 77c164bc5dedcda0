"""Reads two streams at once; one of them ends the other."""
import asyncio
from collections.abc import AsyncIterator
from typing import Protocol


class Source(Protocol):
    async def next(self) -> bytes | None: ...


async def merged(left: Source, right: Source) -> AsyncIterator[bytes]:
    pending = {asyncio.create_task(left.next()): left, asyncio.create_task(right.next()): right}
    try:
        while pending:
            done, _ = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                source = pending.pop(task)
                if (chunk := task.result()) is not None:
                    pending[asyncio.create_task(source.next())] = source
                    yield chunk
    finally:
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)


async def collect(left: Source, right: Source) -> bytes:
    return b"".join([chunk async for chunk in merged(left, right)])
