"""What is written is what the caller gives, else what was there, as it was: nothing is counted on."""
from typing import Protocol


class Server(Protocol):
    async def save(self, text: str) -> None: ...


class Draft:
    def __init__(self, server: Server, text: str) -> None:
        self._server = server
        self.text = text

    async def edit(self, text: str | None = None) -> None:
        if text is None:
            text = self.text
        await self._server.save(text)
        self.text = text
