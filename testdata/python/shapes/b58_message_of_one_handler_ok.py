"""A message is delivered to one handler, which answers it once."""
from typing import Protocol


class Client(Protocol):
    async def publish(self, subject: str, body: bytes) -> None: ...


class InMsg:
    def __init__(self, client: Client, reply: str) -> None:
        self._client = client
        self._reply = reply
        self._answered = False

    async def ack(self) -> None:
        if self._answered:
            raise RuntimeError("answered already")
        await self._client.publish(self._reply, b"+")
        self._answered = True

    async def refuse(self) -> None:
        if self._answered:
            raise RuntimeError("answered already")
        await self._client.publish(self._reply, b"-")
        self._answered = True
