"""Voice stream with a reader that runs beside it."""
import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Protocol


class Socket(Protocol):
    async def receive(self) -> bytes: ...

    async def close(self) -> None: ...


class VoiceStream:
    def __init__(self, dial: Callable[[], Awaitable[Socket]]) -> None:
        self._dial = dial
        self._socket: Socket | None = None
        self._reader: asyncio.Task[None] | None = None
        self.frames: list[bytes] = []

    async def connect(self) -> None:
        if self._socket is not None:
            return
        self._socket = await self._dial()  # BAD: checkthenact @dial
        self._reader = asyncio.create_task(self._read(self._socket))  # BAD: checkthenact|overwrittentask @dial

    async def _read(self, socket: Socket) -> None:
        while frame := await socket.receive():
            self.frames.append(frame)

    async def close(self) -> None:
        reader, self._reader = self._reader, None
        socket, self._socket = self._socket, None
        if reader is not None:
            reader.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await reader
        if socket is not None:
            await socket.close()
