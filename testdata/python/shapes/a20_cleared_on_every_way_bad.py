"""Audio mixer that can be restarted while in use."""
from __future__ import annotations

from typing import Protocol


class Device(Protocol):
    async def play(self, chunk: bytes) -> None: ...

    async def close(self) -> None: ...


class Sound(Protocol):
    def open(self, name: str) -> Device: ...


class Mixer:
    def __init__(self, sound: Sound, name: str) -> None:
        self._sound = sound
        self._name = name
        self._device: Device | None = None
        self.played = 0

    def start(self) -> None:
        if self._device is None:
            self._device = self._sound.open(self._name)

    async def play(self, chunk: bytes) -> None:
        self.start()
        device = self._device
        assert device is not None
        await device.play(chunk)
        self.played += len(chunk)

    async def stop(self) -> None:
        if self._device:
            await self._device.close()
        self._device = None  # BAD: checkthenact|blindremoval
