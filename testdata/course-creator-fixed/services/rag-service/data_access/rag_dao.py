"""Documents and their vectors in PostgreSQL (pgvector)."""
import json
from typing import Any, Dict, List, Sequence

import asyncpg

from domain.document import RetrievedDocument


def _vector_literal(vector: Sequence[float]) -> str:
    """pgvector reads vectors as text."""
    return "[" + ",".join(f"{component:.7g}" for component in vector) + "]"


class RagDAO:
    """Every statement that touches the rag_documents table."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def insert(
        self,
        collection: str,
        content: str,
        vector: Sequence[float],
        metadata: Dict[str, Any],
    ) -> int:
        """Store one document and return its id."""
        return await self._pool.fetchval(
            "INSERT INTO rag_documents (collection, content, embedding, metadata)"
            " VALUES ($1, $2, $3::vector, $4) RETURNING id",
            collection,
            content,
            _vector_literal(vector),
            json.dumps(metadata),
        )

    async def nearest(
        self, collection: str, vector: Sequence[float], limit: int
    ) -> List[RetrievedDocument]:
        """The documents closest to a vector."""
        rows = await self._pool.fetch(
            "SELECT id, content, metadata, embedding <=> $2::vector AS distance"
            " FROM rag_documents WHERE collection = $1 ORDER BY distance LIMIT $3",
            collection,
            _vector_literal(vector),
            limit,
        )
        return [
            RetrievedDocument(
                id=row["id"],
                content=row["content"],
                metadata=json.loads(row["metadata"]),
                distance=row["distance"],
            )
            for row in rows
        ]

    async def count(self, collection: str) -> int:
        """How many documents a collection holds."""
        return await self._pool.fetchval(
            "SELECT count(*) FROM rag_documents WHERE collection = $1", collection
        )

    async def prune(self, collection: str, keep: int) -> int:
        """Delete all but the newest documents of a collection, in one statement."""
        tag = await self._pool.execute(
            "DELETE FROM rag_documents WHERE collection = $1 AND id NOT IN ("
            " SELECT id FROM rag_documents WHERE collection = $1"
            " ORDER BY created_at DESC LIMIT $2)",
            collection,
            keep,
        )
        return int(tag.rsplit(" ", 1)[-1])
