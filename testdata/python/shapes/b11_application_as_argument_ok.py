"""What the application holds is made before it serves."""
import asyncpg
from aiohttp import web

routes = web.RouteTableDef()


async def open_database(app: web.Application):
    app["db"] = await asyncpg.create_pool("postgresql:///blog")
    yield
    await app["db"].close()


@routes.get("/posts/{id}")
async def post(request: web.Request) -> web.Response:
    row = await request.app["db"].fetchrow("SELECT body FROM posts WHERE id = $1", int(request.match_info["id"]))
    return web.Response(text=row["body"])


def make_app() -> web.Application:
    app = web.Application()
    app.cleanup_ctx.append(open_database)
    app.add_routes(routes)
    return app
