"""Local staging area for uploads on their way to content-storage."""
import asyncio
import hashlib
import logging
from pathlib import Path
from typing import Dict, Iterable, List, Tuple

logger = logging.getLogger(__name__)

CHUNK_BYTES = 1 << 20


class StorageManager:
    """Writes, hashes and removes staged files without blocking the loop."""

    def __init__(self, root: Path, max_parallel: int = 4) -> None:
        self._root = root
        self._slots = asyncio.Semaphore(max_parallel)

    async def stage(self, name: str, data: bytes) -> Path:
        """Write one file; at most max_parallel at a time."""
        target = self._path_for(name)
        async with self._slots:
            await asyncio.to_thread(self._write, target, data)
        logger.info("Staged %s, %d bytes", target.name, len(data))
        return target

    async def stage_all(self, files: Iterable[Tuple[str, bytes]]) -> List[Path]:
        """Write several files; the first failure is raised after all have ended."""
        outcomes = await asyncio.gather(
            *(self.stage(name, data) for name, data in files), return_exceptions=True
        )
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome
        return [outcome for outcome in outcomes if isinstance(outcome, Path)]

    async def checksums(self, names: List[str]) -> Dict[str, str]:
        """SHA-256 of each staged file."""
        digests: Dict[str, str] = {}
        for name in names:
            if name not in digests:
                digests[name] = await asyncio.to_thread(self._hash, self._path_for(name))
        return digests

    async def discard(self, name: str) -> None:
        """Remove a staged file; removing what is gone is fine."""
        await asyncio.to_thread(self._path_for(name).unlink, missing_ok=True)

    def _path_for(self, name: str) -> Path:
        """A path inside the staging area, whatever the name contains."""
        return self._root / hashlib.sha1(name.encode()).hexdigest()

    @staticmethod
    def _write(target: Path, data: bytes) -> None:
        """Write to a temporary name first, so that readers see whole files."""
        temporary = target.with_suffix(".part")
        temporary.write_bytes(data)
        temporary.replace(target)

    @staticmethod
    def _hash(path: Path) -> str:
        """Hash a file piece by piece."""
        digest = hashlib.sha256()
        with path.open("rb") as stream:
            while chunk := stream.read(CHUNK_BYTES):
                digest.update(chunk)
        return digest.hexdigest()
