"""HTTP interface of the RAG service."""
from typing import Any, Dict, List

from fastapi import APIRouter, Depends, HTTPException, Request
from pydantic import BaseModel, Field

from application.retrieval_service import RetrievalService, UnknownCollection

router = APIRouter(prefix="/api/v1", tags=["rag"])


class SearchBody(BaseModel):
    query: str
    collection: str
    limit: int = 5


class DocumentBody(BaseModel):
    collection: str
    content: str
    metadata: Dict[str, Any] = Field(default_factory=dict)


async def get_service(request: Request) -> RetrievalService:
    """The service made at startup."""
    return request.app.state.retrieval


@router.post("/search")
async def search(
    body: SearchBody, service: RetrievalService = Depends(get_service)
) -> Dict[str, List[Dict[str, Any]]]:
    """Find documents by meaning."""
    try:
        documents = await service.search(body.collection, body.query, body.limit)
    except UnknownCollection as error:
        raise HTTPException(status_code=404, detail=str(error)) from error
    return {
        "documents": [
            {"content": doc.content, "metadata": doc.metadata, "similarity": doc.similarity}
            for doc in documents
        ]
    }


@router.post("/documents", status_code=201)
async def add(
    body: DocumentBody, service: RetrievalService = Depends(get_service)
) -> Dict[str, int]:
    """Store a document."""
    try:
        return {"id": await service.add(body.collection, body.content, body.metadata)}
    except UnknownCollection as error:
        raise HTTPException(status_code=404, detail=str(error)) from error
