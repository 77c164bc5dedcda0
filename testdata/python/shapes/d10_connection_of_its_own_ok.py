"""Connections under a name: compared before they are removed, refused if there is one, or named by the server."""
from uuid import uuid4

from aiohttp import web
from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()
sockets: dict[str, web.WebSocketResponse] = {}
numbered: dict[str, web.WebSocketResponse] = {}
single: dict[str, web.WebSocketResponse] = {}


class Manager:
    def __init__(self) -> None:
        self.active: dict[str, WebSocket] = {}

    async def connect(self, user: str, ws: WebSocket) -> None:
        await ws.accept()
        self.active[user] = ws

    def disconnect(self, user: str, ws: WebSocket) -> None:
        if self.active.get(user) is ws:
            del self.active[user]


manager = Manager()


@app.websocket("/ws/{user}")
async def endpoint(ws: WebSocket, user: str) -> None:
    await manager.connect(user, ws)
    try:
        while True:
            await ws.receive_text()
    except WebSocketDisconnect:
        manager.disconnect(user, ws)


async def draw(request: web.Request) -> web.WebSocketResponse:
    user = request.match_info["user"]
    ws = web.WebSocketResponse()
    await ws.prepare(request)
    sockets[user] = ws
    try:
        async for message in ws:
            await ws.send_str(message.data)
    finally:
        if sockets.get(user) is ws:
            del sockets[user]
    return ws


async def number(request: web.Request) -> web.WebSocketResponse:
    name = uuid4().hex
    ws = web.WebSocketResponse()
    await ws.prepare(request)
    numbered[name] = ws
    try:
        async for message in ws:
            await ws.send_str(name)
    finally:
        del numbered[name]
    return ws


async def once(request: web.Request) -> web.WebSocketResponse:
    user = request.match_info["user"]
    if user in single:
        raise web.HTTPConflict
    ws = web.WebSocketResponse()
    single[user] = ws
    try:
        await ws.prepare(request)
        async for message in ws:
            await ws.send_str(message.data)
    finally:
        del single[user]
    return ws


def build() -> web.Application:
    app = web.Application()
    app.add_routes([web.get("/draw/{user}", draw), web.get("/number", number), web.get("/once/{user}", once)])
    return app
