"""The inner function binds a name of its own; the outer one waits for nothing."""
import asyncio
from collections.abc import Callable
from typing import Protocol


class Device(Protocol):
    async def subscribe(self, on_state: Callable[[str], None]) -> None: ...

    async def store(self, state: str) -> None: ...


async def follow(device: Device) -> None:
    storing: asyncio.Task[None] | None = None

    def on_state(state: str) -> None:
        storing = asyncio.create_task(device.store(state))  # BAD: untrackedtask

    await device.subscribe(on_state)
    if storing is not None:
        await storing
