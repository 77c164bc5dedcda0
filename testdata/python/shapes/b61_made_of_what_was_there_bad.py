"""What is written is made of what was there before the save: an edit meanwhile is lost."""
from typing import Protocol


class Server(Protocol):
    async def save(self, text: str) -> None: ...


class Draft:
    def __init__(self, server: Server, text: str) -> None:
        self._server = server
        self.text = text

    async def add(self, line: str) -> None:
        text = self.text + line
        await self._server.save(text)
        self.text = text  # BAD: lostupdate
