"""`close()` closes the archive and forgets the sampling task, which goes on."""
import asyncio
import logging
from typing import Protocol

log = logging.getLogger("sampler")


class Sensor(Protocol):
    async def read(self) -> float: ...


class Archive(Protocol):
    async def close(self) -> None: ...


class Sampler:
    def __init__(self, sensor: Sensor, archive: Archive) -> None:
        self._sensor = sensor
        self._archive = archive
        self._sampling: asyncio.Task[None] | None = None
        self.samples: list[float] = []

    async def start(self) -> None:
        if self._sampling is None:
            self._sampling = asyncio.create_task(self._sample())  # BAD: undrainedtasks

    async def _sample(self) -> None:
        while True:
            try:
                self.samples.append(await self._sensor.read())
            except Exception:
                log.exception("cannot read the sensor")

    async def close(self) -> None:
        await self._archive.close()
        self.samples.clear()
