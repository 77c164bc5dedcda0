"""Storage quotas per organization."""
import contextlib
from typing import AsyncIterator, Dict

from content_storage.usage_dao import UsageDAO


class QuotaExceeded(Exception):
    """The organization has no room for the upload."""


class QuotaGuard:
    """Admits uploads; what is under way counts as used.

    The reservation is made before the first await, so that uploads which
    arrive together cannot all be measured against the same free space.
    """

    def __init__(self, limit_bytes: int, max_uploads: int = 20) -> None:
        self._limit_bytes = limit_bytes
        self._max_uploads = max_uploads
        self._active_uploads = 0
        self._reserved: Dict[str, int] = {}

    @contextlib.asynccontextmanager
    async def upload(
        self, dao: UsageDAO, organization_id: str, size: int
    ) -> AsyncIterator[None]:
        """Hold a slot and the space while the body stores the object."""
        if self._active_uploads >= self._max_uploads:
            raise QuotaExceeded("Too many uploads at once")
        self._active_uploads += 1
        # Taken together with the reservation: an upload that ends during the
        # query is in this sum or in the database's, never in neither
        reserved = self._reserved.get(organization_id, 0) + size
        self._reserved[organization_id] = reserved
        try:
            used = await dao.used_bytes(organization_id)
            if used + reserved > self._limit_bytes:
                raise QuotaExceeded(f"{organization_id} has used {used} bytes")
            yield
        finally:
            self._active_uploads -= 1
            self._reserved[organization_id] -= size
