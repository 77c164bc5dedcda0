"""Client of the RAG service."""
from typing import Any, Dict, List

import httpx


class RAGClient:
    """Searches and feeds the document collections of the RAG service."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def search(self, query: str, collection: str, limit: int) -> List[Dict[str, Any]]:
        """The nearest documents; ConnectionError if the service is down."""
        try:
            response = await self._http.post(
                "/api/v1/search",
                json={"query": query, "collection": collection, "limit": limit},
            )
        except httpx.TransportError as error:
            raise ConnectionError(str(error)) from error
        response.raise_for_status()
        return response.json()["documents"]

    async def add_document(
        self, collection: str, content: str, metadata: Dict[str, Any]
    ) -> None:
        """Store one document."""
        response = await self._http.post(
            "/api/v1/documents",
            json={"collection": collection, "content": content, "metadata": metadata},
        )
        response.raise_for_status()
