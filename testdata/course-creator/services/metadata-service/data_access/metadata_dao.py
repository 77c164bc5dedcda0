"""Metadata records in PostgreSQL."""
import json
from typing import Any, Dict, List, Optional

from data_access.database import get_database_pool, transaction
from domain.metadata import MetadataRecord


class MetadataDAO:
    """Every statement that touches the entity_metadata table."""

    async def find(self, entity_id: str, entity_type: str) -> Optional[MetadataRecord]:
        """The metadata of one entity."""
        pool = await get_database_pool()
        row = await pool.fetchrow(
            "SELECT * FROM entity_metadata WHERE entity_id = $1 AND entity_type = $2",
            entity_id,
            entity_type,
        )
        return MetadataRecord.from_row(row) if row else None

    async def search(self, text: str, limit: int) -> List[MetadataRecord]:
        """Full text search over titles, descriptions and keywords."""
        pool = await get_database_pool()
        rows = await pool.fetch(
            "SELECT * FROM entity_metadata WHERE search_vector @@ plainto_tsquery($1)"
            " ORDER BY ts_rank(search_vector, plainto_tsquery($1)) DESC LIMIT $2",
            text,
            limit,
        )
        return [MetadataRecord.from_row(row) for row in rows]

    async def upsert(self, record: MetadataRecord) -> None:
        """Insert or replace in one statement."""
        pool = await get_database_pool()
        await pool.execute(
            "INSERT INTO entity_metadata (entity_id, entity_type, title, keywords, extra)"
            " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (entity_id, entity_type) DO UPDATE"
            " SET title = $3, keywords = $4, extra = $5, updated_at = now()",
            record.entity_id,
            record.entity_type,
            record.title,
            record.keywords,
            json.dumps(record.extra),
        )

    async def merge_extra(
        self, entity_id: str, entity_type: str, changes: Dict[str, Any]
    ) -> bool:
        """Change some of the free attributes, holding the row meanwhile."""
        async with transaction() as connection:
            row = await connection.fetchrow(
                "SELECT extra FROM entity_metadata"
                " WHERE entity_id = $1 AND entity_type = $2 FOR UPDATE",
                entity_id,
                entity_type,
            )
            if row is None:
                return False
            extra = json.loads(row["extra"])
            extra.update(changes)
            await connection.execute(
                "UPDATE entity_metadata SET extra = $3, updated_at = now()"
                " WHERE entity_id = $1 AND entity_type = $2",
                entity_id,
                entity_type,
                json.dumps(extra),
            )
        return True
