"""Holding an asyncio lock across an await is what it is for."""
import asyncio
from typing import Protocol


class Port(Protocol):
    async def write(self, data: bytes) -> None: ...

    async def read_line(self) -> bytes: ...


class Serial:
    def __init__(self, port: Port) -> None:
        self._port = port
        self._lock = asyncio.Lock()
        self._slots = asyncio.Semaphore(4)
        self.commands = 0

    async def command(self, text: str) -> str:
        async with self._lock:
            await self._port.write(text.encode() + b"\n")
            answer = await self._port.read_line()
            self.commands += 1
        return answer.decode().strip()

    async def query(self, text: str) -> str:
        async with self._slots:
            return await self.command(f"{text}?")
