"""Stored in an attribute, under a key, and in a list; drained at the end."""
import asyncio
from typing import Protocol


class Printer(Protocol):
    async def print(self, page: str) -> int: ...


class Office:
    def __init__(self, printer: Printer) -> None:
        self._printer = printer
        self._first: asyncio.Task[int] = asyncio.get_running_loop().create_task(printer.print("hello"))
        self._by_name: dict[str, asyncio.Task[int]] = {}
        self._rest: list[asyncio.Task[int]] = []

    def print(self, name: str) -> None:
        if name not in self._by_name:
            self._by_name[name] = asyncio.create_task(self._printer.print(name))
        self._rest.append(asyncio.create_task(self._printer.print(f"copy of {name}")))

    async def close(self) -> int:
        tasks = [self._first, *self._by_name.values(), *self._rest]
        return sum(await asyncio.gather(*tasks))
