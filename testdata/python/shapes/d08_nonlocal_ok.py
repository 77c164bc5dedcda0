"""The inner function binds the outer name, and the outer one waits."""
import asyncio
from collections.abc import Callable
from typing import Protocol


class Device(Protocol):
    async def subscribe(self, on_state: Callable[[str], None]) -> None: ...

    async def store(self, state: str) -> None: ...


async def follow(device: Device) -> None:
    storing: asyncio.Task[None] | None = None

    def on_first_state(state: str) -> None:
        nonlocal storing
        if storing is None:
            storing = asyncio.create_task(device.store(state))

    await device.subscribe(on_first_state)
    if storing is not None:
        await storing
