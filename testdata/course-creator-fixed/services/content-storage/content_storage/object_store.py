"""Objects on disk, addressed by the hash of their content."""
import asyncio
import hashlib
from pathlib import Path
from typing import Optional


class ObjectStore:
    """Reads and writes objects in worker threads; keeps nothing in memory."""

    def __init__(self, root: Path) -> None:
        self._root = root

    async def put(self, data: bytes) -> str:
        """Store an object and return its key; storing it twice is harmless."""
        key = hashlib.sha256(data).hexdigest()
        await asyncio.to_thread(self._write, self._path(key), data)
        return key

    async def get(self, key: str) -> Optional[bytes]:
        """The bytes of an object, or None."""
        try:
            return await asyncio.to_thread(self._path(key).read_bytes)
        except FileNotFoundError:
            return None

    async def delete(self, key: str) -> None:
        """Remove an object; removing what is gone is fine."""
        await asyncio.to_thread(self._path(key).unlink, missing_ok=True)

    def _path(self, key: str) -> Path:
        if not key.isalnum():
            raise ValueError("A key is a hexadecimal hash")
        return self._root / key[:2] / key

    @staticmethod
    def _write(path: Path, data: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(f".{id(data):x}")
        temporary.write_bytes(data)
        temporary.replace(path)
