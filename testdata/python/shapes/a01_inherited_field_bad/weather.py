"""Weather provider."""
from collections.abc import Awaitable, Callable

from .base import Channel, Provider


class WeatherProvider(Provider):
    def __init__(self, address: str, dial: Callable[[str], Awaitable[Channel]]) -> None:
        super().__init__(address)
        self._connect = dial
        self.calls = 0

    async def _dial(self) -> Channel:
        return await self._connect(self.address)

    async def forecast(self, city: str) -> dict[str, str]:
        if not self.connected:
            self._channel = await self._dial()  # BAD: checkthenact
        channel = self._channel
        self.calls += 1
        if channel is None:
            raise ConnectionError(self.address)
        return await channel.call(f"forecast/{city}")
