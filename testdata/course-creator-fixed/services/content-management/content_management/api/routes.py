"""HTTP interface of the content service."""
from typing import Any, Dict, List

from fastapi import APIRouter, Depends, HTTPException, Request
from pydantic import BaseModel

from content_management.application.content_service import ContentService
from content_management.domain.content import ContentKind

router = APIRouter(prefix="/api/v1/content", tags=["content"])


class AddContentBody(BaseModel):
    course_id: str
    title: str
    kind: ContentKind
    storage_key: str


async def get_service(request: Request) -> ContentService:
    """A service over the container of this process."""
    return ContentService(request.app.state.container)


@router.post("", status_code=201)
async def add(
    body: AddContentBody, service: ContentService = Depends(get_service)
) -> Dict[str, str]:
    """Register material."""
    item = await service.add(body.course_id, body.title, body.kind, body.storage_key)
    return {"id": item.id}


@router.get("/search")
async def search(
    q: str, service: ContentService = Depends(get_service)
) -> List[Dict[str, Any]]:
    """Find material."""
    return await service.search(q)


@router.get("/courses/{course_id}")
async def outline(
    course_id: str, service: ContentService = Depends(get_service)
) -> List[Dict[str, Any]]:
    """What a course consists of."""
    return await service.outline(course_id)


@router.patch("/{item_id}")
async def rename(
    item_id: str, title: str, service: ContentService = Depends(get_service)
) -> Dict[str, bool]:
    """Give an item a new title."""
    if not await service.rename(item_id, title):
        raise HTTPException(status_code=404, detail="No such item")
    return {"renamed": True}
