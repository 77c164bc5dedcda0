"""The host's name is asked for once, or twice: it is the same name."""
from __future__ import annotations

from typing import Protocol


class Shell(Protocol):
    async def run(self, command: str) -> str: ...


class Host:
    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self._name: str | None = None

    async def name(self) -> str:
        if self._name is None:
            self._name = await self._shell.run("hostname")  # LOW: checkthenact
        return self._name

    async def prompt(self) -> str:
        return f"{await self.name()}> "
