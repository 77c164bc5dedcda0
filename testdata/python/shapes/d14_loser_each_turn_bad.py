"""Waits for a command or for the shutdown signal, whichever is first."""
import asyncio
from typing import Protocol


class Commands(Protocol):
    async def next(self) -> str: ...


class Shell:
    def __init__(self, commands: Commands) -> None:
        self._commands = commands
        self._stop = asyncio.Event()
        self.handled: list[str] = []

    async def run(self) -> None:
        while not self._stop.is_set():
            command = asyncio.create_task(self._commands.next())  # BAD: untrackedtask @race
            stop = asyncio.create_task(self._stop.wait())  # BAD: untrackedtask @race
            done, _ = await asyncio.wait({command, stop}, return_when=asyncio.FIRST_COMPLETED)
            if command in done:
                self.handled.append(command.result())

    def shut_down(self) -> None:
        self._stop.set()
