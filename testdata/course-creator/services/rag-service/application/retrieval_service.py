"""Search and feeding of document collections."""
import logging
from typing import Any, Dict, List, Mapping

from clients.embedding_client import EmbeddingClient
from data_access.rag_dao import RagDAO
from domain.document import RetrievedDocument

logger = logging.getLogger(__name__)

# Oversampling before the similarity threshold is applied
CANDIDATES_PER_RESULT = 3


class UnknownCollection(ValueError):
    """The collection is not configured."""


class RetrievalService:
    """Answers with the documents nearest in meaning."""

    def __init__(
        self,
        dao: RagDAO,
        embeddings: EmbeddingClient,
        collection_limits: Mapping[str, int],
        min_similarity: float,
    ) -> None:
        self._dao = dao
        self._embeddings = embeddings
        # Filled here and never changed afterwards
        self._collections: Dict[str, int] = {}
        for name, limit in collection_limits.items():
            self._collections[name] = limit
        self._min_similarity = min_similarity

    async def search(self, collection: str, query: str, limit: int) -> List[RetrievedDocument]:
        """The nearest documents that are similar enough."""
        self._require(collection)
        vector = (await self._embeddings.embed([query]))[0]
        candidates = await self._dao.nearest(
            collection, vector, limit * CANDIDATES_PER_RESULT
        )
        good = [doc for doc in candidates if doc.similarity >= self._min_similarity]
        return good[:limit]

    async def add(self, collection: str, content: str, metadata: Dict[str, Any]) -> int:
        """Store a document."""
        self._require(collection)
        vector = (await self._embeddings.embed([content]))[0]
        return await self._dao.insert(collection, content, vector, metadata)

    async def prune_all(self) -> Dict[str, int]:
        """Shrink every collection to its limit."""
        deleted: Dict[str, int] = {}
        for name, limit in self._collections.items():
            if await self._dao.count(name) > limit:
                deleted[name] = await self._dao.prune(name, keep=limit)
        logger.info("Pruned %s", deleted or "nothing")
        return deleted

    def _require(self, collection: str) -> None:
        if collection not in self._collections:
            raise UnknownCollection(f"Unknown collection {collection!r}")
