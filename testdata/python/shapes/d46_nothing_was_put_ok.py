"""What fails in the statement that would put something there has put nothing there."""
from __future__ import annotations

from typing import Protocol


class Users(Protocol):
    async def who(self, token: str) -> str: ...


class Terminal:
    def __init__(self, users: Users) -> None:
        self.users = users
        self.user: str | None = None
        self.must_log_in = False

    async def greet(self, token: str) -> None:
        try:
            self.user = await self.users.who(token)
        except LookupError:
            self.user = None
            self.must_log_in = True
