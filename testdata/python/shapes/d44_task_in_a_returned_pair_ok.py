"""A helper gives a task and something else; lists of tasks are handed to who waits for them."""
import asyncio
from typing import Any


async def _speak(text: str) -> None:
    await asyncio.sleep(len(text))


def speak(text: str) -> tuple[asyncio.Task[None], list[str]]:
    task = asyncio.create_task(_speak(text))
    return task, text.split()


class Handle:
    def __init__(self) -> None:
        self._interrupted: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def wait(self, futures: list[asyncio.Future[Any]]) -> None:
        together = asyncio.gather(*[asyncio.shield(f) for f in futures], return_exceptions=True)
        await asyncio.wait({together, self._interrupted}, return_when=asyncio.FIRST_COMPLETED)


async def awaited(text: str) -> list[str]:
    task, words = speak(text)
    await task
    return words


async def one_by_one(futures: list[asyncio.Future[Any]]) -> None:
    for future in futures:
        await future


async def listed(text: str) -> list[str]:
    task, words = speak(text)
    await one_by_one([task])
    return words


async def handed(handle: Handle, text: str) -> list[str]:
    task, words = speak(text)
    await handle.wait([task])
    return words
