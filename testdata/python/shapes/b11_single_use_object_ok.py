"""One object per download; its only coroutine runs once."""
from typing import Protocol


class Http(Protocol):
    async def head(self, url: str) -> int: ...

    async def range(self, url: str, start: int, end: int) -> bytes: ...


class Download:
    def __init__(self, http: Http, url: str) -> None:
        self._http = http
        self._url = url
        self._size: int | None = None
        self._data = b""

    async def run(self) -> bytes:
        if self._size is None:
            self._size = await self._http.head(self._url)
        while len(self._data) < self._size:
            start = len(self._data)
            chunk = await self._http.range(self._url, start, start + 1024)
            self._data = self._data + chunk
        return self._data


async def download(http: Http, url: str) -> bytes:
    return await Download(http, url).run()
