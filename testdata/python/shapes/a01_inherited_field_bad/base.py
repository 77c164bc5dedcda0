"""What every provider has in common."""
from typing import Protocol


class Channel(Protocol):
    async def call(self, method: str) -> dict[str, str]: ...

    async def close(self) -> None: ...


class Provider:
    def __init__(self, address: str) -> None:
        self.address = address
        self._channel: Channel | None = None

    @property
    def connected(self) -> bool:
        return self._channel is not None

    async def _dial(self) -> Channel:
        raise NotImplementedError

    async def stop(self) -> None:
        channel, self._channel = self._channel, None
        if channel is not None:
            await channel.close()
