"""`start()` is meant to be called once, but nothing says so."""
from typing import Any, Protocol


class Broker(Protocol):
    async def connect(self, url: str) -> Any: ...


class Producer:
    def __init__(self, broker: Broker, url: str) -> None:
        self._broker = broker
        self._url = url
        self._link: Any = None
        self.sent = 0

    async def start(self) -> None:
        if self._link is None:
            self._link = await self._broker.connect(self._url)  # LOW: checkthenact

    async def send(self, topic: str, body: bytes) -> None:
        if self._link is None:
            raise RuntimeError("call start() first")
        await self._link.send(topic, body)
        self.sent += 1

    async def stop(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            await link.close()
