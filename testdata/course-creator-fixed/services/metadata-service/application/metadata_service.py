"""Use cases around metadata."""
import logging
from typing import Any, Dict, List, Optional

from data_access.metadata_dao import MetadataDAO
from domain.metadata import MetadataRecord

logger = logging.getLogger(__name__)

MAX_SEARCH_RESULTS = 50


class MetadataService:
    """Stateless: everything it knows is in the database."""

    def __init__(self, dao: MetadataDAO) -> None:
        self._dao = dao

    async def describe(self, entity_id: str, entity_type: str) -> Optional[MetadataRecord]:
        """The metadata of one entity, or None."""
        return await self._dao.find(entity_id, entity_type)

    async def save(self, record: MetadataRecord) -> MetadataRecord:
        """Store a record with tidy keywords."""
        record.keywords = record.normalised_keywords()
        await self._dao.upsert(record)
        logger.info("Saved metadata of %s %s", record.entity_type, record.entity_id)
        return record

    async def annotate(
        self, entity_id: str, entity_type: str, changes: Dict[str, Any]
    ) -> bool:
        """Add free attributes to an existing record."""
        return await self._dao.merge_extra(entity_id, entity_type, changes)

    async def search(self, text: str, limit: int = 20) -> List[MetadataRecord]:
        """Search by text; an empty text finds nothing."""
        if not text.strip():
            return []
        return await self._dao.search(text, min(limit, MAX_SEARCH_RESULTS))
