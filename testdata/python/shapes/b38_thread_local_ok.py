"""Each thread sees its own client."""
import asyncio
import threading
from typing import Any, Protocol


class Library(Protocol):
    def connect(self, host: str) -> Any: ...


class Store:
    def __init__(self, library: Library, host: str) -> None:
        self._library = library
        self._host = host
        self._local = threading.local()

    def _read(self, key: str) -> Any:
        if not hasattr(self._local, "client") or self._local.client is None:
            self._local.client = self._library.connect(self._host)
        return self._local.client.get(key)

    async def read(self, key: str) -> Any:
        return await asyncio.to_thread(self._read, key)
