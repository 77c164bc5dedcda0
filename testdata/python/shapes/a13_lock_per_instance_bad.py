"""Class-wide client, made on first use, under a lock made per instance."""
import asyncio
from typing import Any, ClassVar, Protocol


class Driver(Protocol):
    async def connect(self) -> Any: ...


class Repository:
    _client: ClassVar[Any] = None

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._lock = asyncio.Lock()

    async def client(self) -> Any:
        async with self._lock:  # BAD: uselesslock|checkthenact @class
            if Repository._client is None:
                Repository._client = await self._driver.connect()  # BAD: uselesslock|checkthenact @class
            return Repository._client

    async def find(self, key: str) -> Any:
        client = await self.client()
        return await client.get(key)


async def find_all(driver: Driver, keys: list[str]) -> list[Any]:
    return await asyncio.gather(*(Repository(driver).find(key) for key in keys))
