"""The application is handed to a helper: whichever request did it, it is the same one."""
import asyncpg
from aiohttp import web

routes = web.RouteTableDef()


async def database(app: web.Application) -> asyncpg.Pool:
    if "db" not in app:
        app["db"] = await asyncpg.create_pool("postgresql:///blog")  # BAD: checkthenact
    return app["db"]


@routes.get("/posts/{id}")
async def post(request: web.Request) -> web.Response:
    pool = await database(request.app)
    row = await pool.fetchrow("SELECT body FROM posts WHERE id = $1", int(request.match_info["id"]))
    return web.Response(text=row["body"])
