"""One object is given to several tasks by the function that made it."""
import asyncio
from typing import Any, Protocol


class Dialer(Protocol):
    async def connect(self, host: str) -> Any: ...


class Link:
    def __init__(self, dialer: Dialer) -> None:
        self._dialer = dialer
        self.channel: Any = None

    async def get(self, host: str) -> Any:
        if self.channel is None:
            self.channel = await self._dialer.connect(host)  # BAD: checkthenact
        return self.channel


class Cursor:
    """Each task makes its own."""

    def __init__(self, dialer: Dialer) -> None:
        self._dialer = dialer
        self.row: Any = None

    async def read(self, host: str) -> Any:
        if self.row is None:
            self.row = await self._dialer.connect(host)
        return self.row


class Board:
    def __init__(self, dialer: Dialer) -> None:
        self.dialer = dialer
        self.header: Any = None


async def paint(board: Board, host: str) -> None:
    if board.header is None:
        board.header = await board.dialer.connect(host)  # BAD: checkthenact


async def frame(board: Board, host: str) -> None:
    if board.header is None:
        board.header = await board.dialer.connect(host)


async def read_one(dialer: Dialer, host: str) -> Any:
    return await Cursor(dialer).read(host)


async def fetch(dialer: Dialer, hosts: list[str]) -> list[Any]:
    link = Link(dialer)
    return await asyncio.gather(*(link.get(host) for host in hosts))


async def fetch_apart(dialer: Dialer, hosts: list[str]) -> list[Any]:
    return await asyncio.gather(*(read_one(dialer, host) for host in hosts))


async def show(dialer: Dialer, hosts: list[str]) -> None:
    board = Board(dialer)
    async with asyncio.TaskGroup() as group:
        for host in hosts:
            group.create_task(paint(board, host))


async def show_in_turn(dialer: Dialer, hosts: list[str]) -> None:
    for host in hosts:
        await frame(Board(dialer), host)
