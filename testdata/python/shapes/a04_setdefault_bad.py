"""One upload session per bucket."""
from typing import Protocol


class Upload(Protocol):
    async def part(self, data: bytes) -> int: ...


class Storage(Protocol):
    async def open_upload(self, bucket: str) -> Upload: ...


class Uploads:
    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._open: dict[str, Upload] = {}

    async def append(self, bucket: str, data: bytes) -> int:
        if bucket not in self._open:
            self._open.setdefault(bucket, await self._storage.open_upload(bucket))  # BAD: checkthenact
        return await self._open[bucket].part(data)


class EagerUploads:
    """Opens an upload even when there is one: wasteful in any order."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._open: dict[str, Upload] = {}

    async def upload(self, bucket: str) -> Upload:
        return self._open.setdefault(bucket, await self._storage.open_upload(bucket))  # MAYBE: checkthenact
