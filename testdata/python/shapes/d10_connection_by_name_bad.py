"""Handlers that note their connection under a name which the other side has chosen, and forget whatever is there at the end."""
import asyncio

from aiohttp import web
from starlette.websockets import WebSocket

sockets: dict[str, web.WebSocketResponse] = {}
callers: dict[str, WebSocket] = {}


async def draw(request: web.Request) -> web.WebSocketResponse:
    user = request.match_info["user"]
    ws = web.WebSocketResponse()
    await ws.prepare(request)
    sockets[user] = ws
    try:
        async for message in ws:
            if (peer := sockets.get(message.data)) is not None:
                await peer.send_str(user)
    finally:
        sockets.pop(user, None)  # BAD: blindremoval
    return ws


async def call(ws: WebSocket) -> None:
    name = ws.query_params["name"]
    await ws.accept()
    callers[name] = ws
    try:
        while True:
            await ws.receive_text()
    finally:
        callers.pop(name, None)  # BAD: blindremoval


class Link:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def run(self) -> None:
        while line := await self._reader.readline():
            self._writer.write(line)
            await self._writer.drain()

    async def close(self) -> None:
        self._writer.close()
        await self._writer.wait_closed()


class Proxy:
    def __init__(self) -> None:
        self._links: dict[str, Link] = {}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        name = (await reader.readline()).decode().strip()
        link = Link(reader, writer)
        self._links[name] = link
        try:
            await link.run()
        finally:
            self._links.pop(name, None)  # BAD: blindremoval

    async def kick(self, name: str) -> None:
        link = self._links.get(name)
        if link is not None:
            await link.close()


async def main() -> None:
    proxy = Proxy()
    server = await asyncio.start_server(proxy.serve, "localhost", 8000)
    await server.serve_forever()


def build() -> web.Application:
    app = web.Application()
    app.router.add_get("/draw/{user}", draw)
    return app
