"""HTTP interface of the metadata service."""
from typing import Any, Dict, List

from fastapi import APIRouter, Depends, HTTPException, Request
from pydantic import BaseModel, Field

from application.metadata_service import MetadataService
from data_access.database import close_database_pool, get_database_pool
from domain.metadata import MetadataRecord

router = APIRouter(prefix="/api/v1/metadata", tags=["metadata"])


class MetadataBody(BaseModel):
    title: str
    keywords: List[str] = Field(default_factory=list)
    extra: Dict[str, Any] = Field(default_factory=dict)


async def get_service(request: Request) -> MetadataService:
    """The service made at startup."""
    return request.app.state.metadata_service


@router.get("/search")
async def search(
    q: str, limit: int = 20, service: MetadataService = Depends(get_service)
) -> List[Dict[str, Any]]:
    """Find entities by text."""
    records = await service.search(q, limit)
    return [{"id": record.entity_id, "title": record.title} for record in records]


@router.get("/{entity_type}/{entity_id}")
async def describe(
    entity_type: str, entity_id: str, service: MetadataService = Depends(get_service)
) -> Dict[str, Any]:
    """The metadata of one entity."""
    record = await service.describe(entity_id, entity_type)
    if record is None:
        raise HTTPException(status_code=404, detail="No metadata")
    return {"title": record.title, "keywords": record.keywords, "extra": record.extra}


@router.put("/{entity_type}/{entity_id}")
async def save(
    entity_type: str,
    entity_id: str,
    body: MetadataBody,
    service: MetadataService = Depends(get_service),
) -> Dict[str, Any]:
    """Store the metadata of one entity."""
    record = await service.save(
        MetadataRecord(entity_id, entity_type, body.title, body.keywords, body.extra)
    )
    return {"keywords": record.keywords}


@router.patch("/{entity_type}/{entity_id}/extra")
async def annotate(
    entity_type: str,
    entity_id: str,
    changes: Dict[str, Any],
    service: MetadataService = Depends(get_service),
) -> Dict[str, bool]:
    """Add free attributes."""
    if not await service.annotate(entity_id, entity_type, changes):
        raise HTTPException(status_code=404, detail="No metadata")
    return {"changed": True}


@router.post("/admin/reconnect", status_code=204)
async def reconnect() -> None:
    """Drop the pool after the database password has changed."""
    await close_database_pool()
    await get_database_pool()
