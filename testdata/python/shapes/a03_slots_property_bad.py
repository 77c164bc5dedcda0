"""The field hides behind a property; the class has slots and a subclass."""
from typing import Any, Protocol


class Hub(Protocol):
    async def open_channel(self, name: str) -> Any: ...


class Base:
    __slots__ = ("_hub", "_channel")

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._channel: Any = None

    @property
    def channel(self) -> Any:
        return self._channel

    @channel.setter
    def channel(self, value: Any) -> None:
        self._channel = value


class Station(Base):
    __slots__ = ("name",)

    def __init__(self, hub: Hub, name: str) -> None:
        super().__init__(hub)
        self.name = name

    async def broadcast(self, text: str) -> None:
        if self.channel is None:
            self.channel = await self._hub.open_channel(self.name)  # BAD: checkthenact
        await self.channel.send(text)
