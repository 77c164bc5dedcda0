"""Use cases around course materials."""
import logging
import uuid
from typing import Any, Dict, List, Optional

from content_management.data_access.content_dao import ContentDAO
from content_management.domain.content import ContentItem, ContentKind
from content_management.infrastructure.container import ContentContainer

logger = logging.getLogger(__name__)


class ContentService:
    """Keeps database, search index and subscribers in step."""

    def __init__(self, container: ContentContainer) -> None:
        self._container = container

    async def add(
        self, course_id: str, title: str, kind: ContentKind, storage_key: str
    ) -> ContentItem:
        """Register uploaded material."""
        item = ContentItem(str(uuid.uuid4()), course_id, title, kind, storage_key)
        dao = await self._dao()
        await dao.insert(item)

        search = await self._container.get_search()
        await search.index_document(item.id, item.search_document())
        publisher = await self._container.get_event_publisher()
        await publisher.publish("content.added", {"id": item.id, "course_id": course_id})
        logger.info("Added %s %s to course %s", kind.value, item.id, course_id)
        return item

    async def get(self, item_id: str) -> Optional[ContentItem]:
        """One item, or None."""
        dao = await self._dao()
        return await dao.find(item_id)

    async def outline(self, course_id: str) -> List[Dict[str, Any]]:
        """Titles and metadata of a course's materials."""
        dao = await self._dao()
        items = await dao.list_by_course(course_id)
        metadata = await self._container.get_metadata_client()
        outline = []
        for item in items:
            response = await metadata.get(f"/api/v1/metadata/content/{item.id}")
            known = response.json() if response.status_code == 200 else {}
            outline.append({"id": item.id, "title": item.title, **known})
        return outline

    async def rename(self, item_id: str, title: str) -> bool:
        """Give an item a new title and forget the cached page."""
        dao = await self._dao()
        if not await dao.rename(item_id, title):
            return False
        cache = await self._container.get_cache()
        await cache.delete(f"content:{item_id}")
        return True

    async def download(self, item: ContentItem) -> bytes:
        """The bytes of an item."""
        storage = await self._container.get_storage()
        response = await storage.get(f"/api/v1/objects/{item.storage_key}")
        response.raise_for_status()
        return response.content

    async def search(self, text: str, limit: int = 20) -> List[Dict[str, Any]]:
        """Find materials by text."""
        client = await self._container.get_search()
        return await client.find(text, limit)

    async def _dao(self) -> ContentDAO:
        """A DAO over the shared pool; it has no state of its own."""
        return ContentDAO(await self._container.get_database_pool())
