"""Set-up that runs once: the constructor, entering, the lifespan of the application."""
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Protocol


class Broker(Protocol):
    async def connect(self, url: str) -> Any: ...


class Channel:
    def __init__(self, broker: Broker, url: str) -> None:
        self._broker = broker
        self._url = url
        self._link: Any = None
        self._topics: dict[str, int] = {}
        if not self._topics:
            self._topics["control"] = 0

    async def __aenter__(self) -> "Channel":
        if self._link is None:
            self._link = await self._broker.connect(self._url)
        return self

    async def __aexit__(self, *exc: object) -> None:
        link, self._link = self._link, None
        if link is not None:
            await link.close()


class App:
    state: dict[str, Any] = {}


@asynccontextmanager
async def lifespan(app: App, broker: Broker) -> AsyncIterator[None]:
    if "link" not in app.state:
        app.state["link"] = await broker.connect("amqp://local")
    yield
    link = app.state.pop("link")
    await link.close()
