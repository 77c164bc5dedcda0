"""Nothing can run between leaving the lock and the act: leaving an asyncio lock does not suspend."""
import asyncio
from typing import Protocol


class Board(Protocol):
    async def draw(self, cell: tuple[int, int], player: str) -> None: ...


class Game:
    def __init__(self, board: Board) -> None:
        self._board = board
        self._lock = asyncio.Lock()
        self._cells: dict[tuple[int, int], str] = {}

    async def play(self, cell: tuple[int, int], player: str) -> bool:
        async with self._lock:
            await self._board.draw(cell, "?")
            free = cell not in self._cells
        if free:
            self._cells[cell] = player
        return free
