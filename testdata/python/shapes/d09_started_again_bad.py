"""Polls a device and starts over after a reconnect."""
from __future__ import annotations

import asyncio
from typing import Protocol


class Device(Protocol):
    async def connect(self) -> None: ...

    async def read(self) -> float: ...


class Poller:
    def __init__(self, device: Device) -> None:
        self._device = device
        self._poll_task: asyncio.Task[None] | None = None
        self.values: list[float] = []

    async def start(self) -> None:
        await self._device.connect()
        self._poll_task = asyncio.create_task(self._poll())  # BAD: overwrittentask

    async def _poll(self) -> None:
        while True:
            try:
                self.values.append(await self._device.read())
            except OSError:
                continue
            await asyncio.sleep(0.5)

    async def on_reconnect(self) -> None:
        await self.start()

    async def stop(self) -> None:
        task, self._poll_task = self._poll_task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
