"""Content items in PostgreSQL."""
from typing import List, Optional

import asyncpg

from content_management.domain.content import ContentItem


class ContentDAO:
    """Every statement that touches the content_items table."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def insert(self, item: ContentItem) -> None:
        """Store a new item."""
        await self._pool.execute(
            "INSERT INTO content_items (id, course_id, title, kind, storage_key, version)"
            " VALUES ($1, $2, $3, $4, $5, 1)",
            item.id,
            item.course_id,
            item.title,
            item.kind.value,
            item.storage_key,
        )

    async def find(self, item_id: str) -> Optional[ContentItem]:
        """One item, or None."""
        row = await self._pool.fetchrow("SELECT * FROM content_items WHERE id = $1", item_id)
        return ContentItem.from_row(row) if row else None

    async def list_by_course(self, course_id: str) -> List[ContentItem]:
        """The items of a course in their order."""
        rows = await self._pool.fetch(
            "SELECT * FROM content_items WHERE course_id = $1 ORDER BY title", course_id
        )
        return [ContentItem.from_row(row) for row in rows]

    async def rename(self, item_id: str, title: str) -> bool:
        """Change the title only."""
        tag = await self._pool.execute(
            "UPDATE content_items SET title = $2, version = version + 1 WHERE id = $1",
            item_id,
            title,
        )
        return tag == "UPDATE 1"
