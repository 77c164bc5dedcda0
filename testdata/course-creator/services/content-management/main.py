"""Content management service."""
import contextlib
from pathlib import Path
from typing import AsyncIterator, Dict, List

from fastapi import FastAPI, UploadFile

from content_management.api.routes import router
from content_management.config import load_settings
from content_management.infrastructure.container import ContentContainer
from storage_manager import StorageManager


@contextlib.asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Make the container; it connects when it is asked to."""
    settings = load_settings()
    app.state.container = ContentContainer(settings)
    app.state.storage_manager = StorageManager(Path(settings.upload_directory))
    yield
    await app.state.container.close()


app = FastAPI(title="Content Management", lifespan=lifespan)
app.include_router(router)


@app.post("/api/v1/uploads")
async def upload(files: List[UploadFile]) -> Dict[str, List[str]]:
    """Stage uploaded files."""
    pairs = [(file.filename or "unnamed", await file.read()) for file in files]
    paths = await app.state.storage_manager.stage_all(pairs)
    return {"staged": [path.name for path in paths]}
