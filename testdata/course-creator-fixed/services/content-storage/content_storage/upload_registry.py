"""Multipart uploads that have been started and not yet finished."""
import asyncio
import logging
import time
import uuid
from dataclasses import dataclass, field
from typing import Dict, List

from content_storage.object_store import ObjectStore

logger = logging.getLogger(__name__)


@dataclass
class PendingUpload:
    """The parts that have arrived so far."""

    id: str
    part_keys: List[str] = field(default_factory=list)
    touched_at: float = field(default_factory=time.monotonic)


class UploadRegistry:
    """Knows the unfinished uploads of this process."""

    def __init__(self, store: ObjectStore, lifetime_seconds: float = 3600.0) -> None:
        self._store = store
        self._lifetime_seconds = lifetime_seconds
        self._uploads: Dict[str, PendingUpload] = {}

    def begin(self) -> str:
        """Start an upload."""
        upload = PendingUpload(str(uuid.uuid4()))
        self._uploads[upload.id] = upload
        return upload.id

    async def add_part(self, upload_id: str, data: bytes) -> bool:
        """Store a part; False if the upload has been given up meanwhile."""
        key = await self._store.put(data)
        upload = self._uploads.get(upload_id)
        if upload is None:
            return False
        upload.part_keys.append(key)
        upload.touched_at = time.monotonic()
        return True

    def finish(self, upload_id: str) -> List[str]:
        """End an upload and hand out its parts; KeyError if there is none."""
        return self._uploads.pop(upload_id).part_keys

    async def expire(self) -> int:
        """Give up the uploads that nobody has touched for long."""
        expired = 0
        for upload_id, upload in list(self._uploads.items()):
            # The await below lets others touch, finish and begin uploads
            if self._uploads.get(upload_id) is not upload:
                continue
            if time.monotonic() - upload.touched_at < self._lifetime_seconds:
                continue
            del self._uploads[upload_id]
            expired += 1
            for key in upload.part_keys:
                await self._store.delete(key)
        return expired

    async def run(self, interval_seconds: float = 60.0) -> None:
        """Expire uploads for as long as the service lives."""
        while True:
            await asyncio.sleep(interval_seconds)
            expired = await self.expire()
            if expired:
                logger.info("Gave up %d uploads", expired)
