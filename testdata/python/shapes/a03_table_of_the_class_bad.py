"""A class keeps its own instances: the table is everybody's."""
from __future__ import annotations

import asyncio
from typing import Any, ClassVar, Protocol


class Opener(Protocol):
    async def open(self, name: str) -> Any: ...


class Descriptor:
    _cache: ClassVar[dict[str, Descriptor]] = {}
    _locks: ClassVar[dict[str, asyncio.Lock]] = {}

    def __init__(self, name: str, handle: Any) -> None:
        self.name = name
        self.handle = handle

    @classmethod
    async def open(cls, name: str, opener: Opener) -> Descriptor:
        if name not in cls._cache:
            handle = await opener.open(name)
            cls._cache[name] = cls(name, handle)  # BAD: checkthenact
        return cls._cache[name]

    @classmethod
    async def open_once(cls, name: str, opener: Opener) -> Descriptor:
        async with cls._locks.setdefault(name, asyncio.Lock()):
            if name not in cls._cache:
                handle = await opener.open(name)
                cls._cache[name] = cls(name, handle)
            return cls._cache[name]
