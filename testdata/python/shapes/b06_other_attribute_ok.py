"""One attribute is read before the await, another one is written after it."""
from typing import Protocol


class Mixer(Protocol):
    async def fade(self, channel: int, level: float) -> float: ...

    async def clip(self, channel: int) -> bool: ...


class Strip:
    def __init__(self, mixer: Mixer, channel: int) -> None:
        self._mixer = mixer
        self.channel = channel
        self.level = 0.0
        self.muted = False
        self.last_error: str | None = None

    async def fade_to(self, level: float) -> None:
        if self.muted:
            return
        self.level = await self._mixer.fade(self.channel, level)

    async def check(self) -> None:
        if self.level > 0.9:
            clipped = await self._mixer.clip(self.channel)
            self.last_error = "clipped" if clipped else None
