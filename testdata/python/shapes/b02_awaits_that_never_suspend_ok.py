"""Everything awaited between check and act runs straight through."""
import asyncio
from typing import Protocol


class Radio(Protocol):
    async def transmit(self, frame: bytes) -> None: ...


class Frequencies:
    def __init__(self, radio: Radio) -> None:
        self._radio = radio
        self._by_name: dict[str, float] = {}
        self._primary: float | None = None

    async def _validate(self, value: float) -> float:
        if not 0 < value < 300:
            raise ValueError(value)
        return round(value, 3)

    async def _parse(self, text: str) -> float:
        return await self._validate(float(text))

    async def add(self, name: str, text: str) -> bool:
        if name in self._by_name:
            return False
        self._by_name[name] = await self._parse(text)
        return True

    async def primary(self, text: str) -> float:
        if self._primary is None:
            async with asyncio.timeout(1):
                self._primary = await self._parse(text)
        return self._primary

    async def announce(self) -> None:
        await self._radio.transmit(repr(self._primary).encode())
