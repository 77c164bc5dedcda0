"""A helper that initialises what is missing runs whenever something is asked."""
from __future__ import annotations

from typing import Protocol


class Session(Protocol):
    async def ask(self, text: str) -> str: ...

    async def close(self) -> None: ...


class Net(Protocol):
    async def open(self) -> Session: ...


class Oracle:
    def __init__(self, net: Net) -> None:
        self.net = net
        self.session: Session | None = None

    async def lazy_init(self) -> None:
        if self.session is None:
            self.session = await self.net.open()  # BAD: checkthenact

    async def ask(self, text: str) -> str:
        await self.lazy_init()
        assert self.session is not None
        return await self.session.ask(text)
