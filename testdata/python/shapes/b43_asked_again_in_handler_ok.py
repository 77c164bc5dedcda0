"""What a clean-up gives back is asked for again first; the handler then raises on."""
from __future__ import annotations

from typing import Protocol


class Limiter(Protocol):
    async def acquire(self, key: str) -> None: ...

    async def release(self, key: str) -> None: ...


class Parser(Protocol):
    async def parse(self, text: str) -> list[str]: ...


class Command:
    def __init__(self, parser: Parser) -> None:
        self._parser = parser
        self._limiter: Limiter | None = None

    def limit(self, limiter: Limiter | None) -> None:
        self._limiter = limiter

    async def prepare(self, text: str) -> list[str]:
        if self._limiter is not None:
            await self._limiter.acquire(text)
        try:
            return await self._parser.parse(text)
        except ValueError:
            if self._limiter is not None:
                await self._limiter.release(text)
            raise
