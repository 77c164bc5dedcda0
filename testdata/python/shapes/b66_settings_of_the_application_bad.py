"""What the handlers reach through their settings is the application's: all requests share it."""
from typing import Protocol

from tornado.web import HTTPError, RequestHandler


class Proxy(Protocol):
    async def remove(self, name: str) -> None: ...


class ServiceHandler(RequestHandler):
    proxy: Proxy

    async def delete(self, name: str) -> None:
        if name not in self.settings["services"]:
            raise HTTPError(404)
        await self.proxy.remove(name)
        self.settings["services"].pop(name)  # BAD: checkthenact
