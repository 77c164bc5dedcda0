"""The readiness test is a method of its own, and so is the connecting."""
from typing import Protocol


class Link(Protocol):
    async def send(self, data: bytes) -> None: ...


class Modem(Protocol):
    async def connect(self, number: str) -> Link: ...


class Uplink:
    def __init__(self, modem: Modem, number: str) -> None:
        self._modem = modem
        self._number = number
        self._link: Link | None = None

    def _ready(self) -> bool:
        return self._link is not None

    async def send(self, data: bytes) -> None:
        if not self._ready():
            await self._connect()  # BAD: checkthenact @connect
        link = self._link
        if link is not None:
            await link.send(data)

    async def _connect(self) -> None:
        link = await self._modem.connect(self._number)
        self._link = link  # BAD: checkthenact @connect
