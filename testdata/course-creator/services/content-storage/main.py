"""Content storage service."""
import asyncio
import contextlib
import os
from pathlib import Path
from typing import AsyncIterator, Dict

import asyncpg
from fastapi import FastAPI, HTTPException, Request, Response

from content_storage.object_store import ObjectStore
from content_storage.quota import QuotaExceeded, QuotaGuard
from content_storage.upload_registry import UploadRegistry
from content_storage.usage_dao import UsageDAO


@contextlib.asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Run the expiry loop for as long as the application lives."""
    pool = await asyncpg.create_pool(os.environ.get("STORAGE_DATABASE_URL"))
    app.state.usage = UsageDAO(pool)
    app.state.store = ObjectStore(Path(os.environ.get("STORAGE_ROOT", "/var/lib/objects")))
    app.state.quota = QuotaGuard(limit_bytes=50 * 1024**3)
    app.state.uploads = UploadRegistry(app.state.store)
    expiry = asyncio.create_task(app.state.uploads.run())
    try:
        yield
    finally:
        expiry.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await expiry
        await pool.close()


app = FastAPI(title="Content Storage", lifespan=lifespan)


@app.put("/api/v1/organizations/{organization_id}/objects")
async def put_object(organization_id: str, request: Request) -> Dict[str, str]:
    """Store the request's body."""
    data = await request.body()
    try:
        async with app.state.quota.upload(app.state.usage, organization_id, len(data)):
            key = await app.state.store.put(data)
            await app.state.usage.record(organization_id, key, len(data))
    except QuotaExceeded as error:
        raise HTTPException(status_code=413, detail=str(error)) from error
    return {"key": key}


@app.get("/api/v1/objects/{key}")
async def get_object(key: str) -> Response:
    """The bytes of an object."""
    data = await app.state.store.get(key)
    if data is None:
        raise HTTPException(status_code=404, detail="No such object")
    return Response(content=data, media_type="application/octet-stream")


@app.get("/health")
async def health() -> Dict[str, str]:
    """Liveness probe."""
    return {"status": "ok", "service": "content-storage"}
