"""Bridge that is closed when idle."""
from __future__ import annotations

import time
from typing import Protocol


class Pipe(Protocol):
    async def send(self, data: bytes) -> None: ...

    async def close(self) -> None: ...


class Dialer(Protocol):
    def dial(self) -> Pipe: ...


class Bridge:
    def __init__(self, dialer: Dialer) -> None:
        self._dialer = dialer
        self._pipe: Pipe | None = None
        self._used = 0.0

    async def send(self, data: bytes) -> None:
        if self._pipe is None:
            self._pipe = self._dialer.dial()
        self._used = time.monotonic()
        await self._pipe.send(data)

    async def close_if_idle(self, idle: float) -> bool:
        pipe = self._pipe
        if pipe is None or time.monotonic() - self._used < idle:
            return False
        await pipe.close()
        if self._pipe is pipe:
            self._pipe = None
        return True
