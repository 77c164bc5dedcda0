"""The body of an async context manager runs between the check and the act."""
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol


class Camera(Protocol):
    async def expose(self, seconds: float) -> bytes: ...


class Telescope:
    def __init__(self, camera: Camera) -> None:
        self._camera = camera
        self._booked_by: str | None = None

    @asynccontextmanager
    async def booking(self, who: str) -> AsyncIterator[Camera]:
        if self._booked_by is not None:
            raise RuntimeError(f"booked by {self._booked_by}")
        yield self._camera
        self._booked_by = who  # BAD: checkthenact

    async def observe(self, who: str) -> bytes:
        async with self.booking(who) as camera:
            return await camera.expose(30)

    def release(self) -> None:
        self._booked_by = None
