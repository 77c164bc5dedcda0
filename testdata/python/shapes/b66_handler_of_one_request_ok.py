"""Tornado makes one handler object for each request, and for each connection: its attributes are nobody else's."""
import asyncio
from typing import Any, Protocol

from tornado.web import RequestHandler
from tornado.websocket import WebSocketHandler


class Users(Protocol):
    async def find(self, token: str) -> str: ...


class Feed(Protocol):
    async def next(self) -> bytes: ...


class AccountHandler(RequestHandler):
    users: Users
    user: str | None = None

    async def _current(self) -> str:
        if self.user is None:
            self.user = await self.users.find(self.get_argument("token"))
        return self.user

    async def get(self) -> None:
        self.write(await self._current())


class FeedHandler(WebSocketHandler):
    feed: Feed
    failed = 0

    def open(self, *args: Any) -> None:
        self._sender = asyncio.create_task(self._send())

    async def _send(self) -> None:
        try:
            while True:
                await self.write_message(await self.feed.next(), binary=True)
        except OSError:
            self.failed += 1

    def on_close(self) -> None:
        self._sender.cancel()
