"""A request belongs to one task; the application that it leads to belongs to all."""
from typing import Any, Protocol

from aiohttp import web
from fastapi import FastAPI, Request

app = FastAPI()
app.state.pool = None
routes = web.RouteTableDef()
STATS = web.AppKey("stats", dict)


class Driver(Protocol):
    async def connect(self, dsn: str) -> Any: ...


driver: Driver


@app.get("/rows")
async def rows(request: Request) -> dict[str, Any]:
    if request.app.state.pool is None:
        request.app.state.pool = await driver.connect("db")  # BAD: checkthenact
    return {"pool": request.app.state.pool}


@app.get("/me")
async def me(request: Request) -> dict[str, Any]:
    if request.state.user is None:
        request.state.user = await driver.connect("users")
    return {"user": request.state.user}


@routes.post("/upload/{user}")
async def upload(request: web.Request) -> web.Response:
    sizes = request.app[STATS]
    user = request.match_info["user"]
    before = sizes.get(user, 0)
    body = await request.read()
    sizes[user] = before + len(body)  # BAD: lostupdate
    return web.Response()


@routes.get("/first")
async def first(request: web.Request) -> web.Response:
    if "user" not in request:
        request["user"] = await driver.connect("users")
    return web.Response()
