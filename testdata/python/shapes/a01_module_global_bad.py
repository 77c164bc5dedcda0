"""Process-wide message bus, connected on first use."""
from __future__ import annotations

import logging
from typing import Any, Protocol

log = logging.getLogger("bus")


class Bus(Protocol):
    async def publish(self, topic: str, body: bytes) -> None: ...

    async def close(self) -> None: ...


async def connect(url: str) -> Bus:
    raise NotImplementedError


_bus: Bus | None = None


async def get_bus(url: str = "bus://local") -> Bus:
    global _bus
    if not _bus:
        log.info("connecting to %s", url)
        _bus = await connect(url)  # BAD: checkthenact
    return _bus


async def publish(topic: str, payload: dict[str, Any]) -> None:
    bus = await get_bus()
    await bus.publish(topic, repr(payload).encode())


async def close_bus() -> None:
    global _bus
    bus, _bus = _bus, None
    if bus is not None:
        await bus.close()
