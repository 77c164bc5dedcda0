"""The handle is returned, yielded, awaited, annotated, or handed over."""
import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, Protocol


class Printer(Protocol):
    async def print(self, page: str) -> int: ...


def start(printer: Printer, page: str) -> "asyncio.Task[int]":
    return asyncio.create_task(printer.print(page))


async def started(printer: Printer, pages: list[str]) -> AsyncIterator["asyncio.Task[int]"]:
    for page in pages:
        yield asyncio.create_task(printer.print(page))


async def at_once(printer: Printer, page: str) -> int:
    return await asyncio.create_task(printer.print(page))


async def annotated(printer: Printer, page: str) -> int:
    task: asyncio.Task[int] = asyncio.create_task(printer.print(page))
    await asyncio.sleep(0)
    return await task


async def in_displays(printer: Printer) -> list[Any]:
    pages = [asyncio.create_task(printer.print("1")), asyncio.create_task(printer.print("2"))]
    named = {"cover": asyncio.create_task(printer.print("cover"))}
    return [await named["cover"], *await asyncio.gather(*pages)]


def handed_over(printer: Printer, keep: Callable[["asyncio.Task[int]"], None]) -> None:
    keep(asyncio.create_task(printer.print("kept")))
