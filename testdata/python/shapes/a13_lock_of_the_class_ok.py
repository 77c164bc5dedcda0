"""State that all instances share, guarded by a lock that they share, too; or one instance there is."""
import asyncio
from typing import Any, ClassVar, Protocol


class Driver(Protocol):
    async def connect(self) -> Any: ...


class Repository:
    _client: ClassVar[Any] = None
    _lock: ClassVar[asyncio.Lock] = asyncio.Lock()

    def __init__(self, driver: Driver) -> None:
        self._driver = driver

    async def client(self) -> Any:
        async with self._lock:
            if Repository._client is None:
                Repository._client = await self._driver.connect()
            return Repository._client


class Registry:
    names: ClassVar[dict[str, int]] = {}

    def __init__(self) -> None:
        self._lock = asyncio.Lock()

    async def number(self, name: str, driver: Driver) -> int:
        async with self._lock:
            if name not in Registry.names:
                await driver.connect()
                Registry.names[name] = len(Registry.names)
            return Registry.names[name]


registry = Registry()
