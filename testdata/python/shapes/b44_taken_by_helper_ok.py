"""Frames are taken out by a helper, and given back where the upload fails: what came meanwhile stays."""
from __future__ import annotations

from typing import Protocol


class Uplink(Protocol):
    async def upload(self, batch: list[bytes]) -> None: ...


class Frames:
    def __init__(self, uplink: Uplink) -> None:
        self._uplink = uplink
        self._frames: list[bytes] = []

    def on_frame(self, frame: bytes) -> None:
        self._frames.append(frame)

    def _take(self) -> list[bytes]:
        frames, self._frames = self._frames, []
        return frames

    async def put_before(self) -> None:
        frames = self._take()
        try:
            await self._uplink.upload(frames)
        except OSError:
            self._frames[:0] = frames
            raise

    async def put_behind(self) -> None:
        frames = self._take()
        try:
            await self._uplink.upload(frames)
        except OSError:
            self._frames.extend(frames)
            raise

    async def put_together(self) -> None:
        frames = self._take()
        try:
            await self._uplink.upload(frames)
        except OSError:
            self._frames = frames + self._frames
            raise
