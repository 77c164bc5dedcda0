"""Metadata service."""
import contextlib
import logging
from typing import AsyncIterator

from fastapi import FastAPI

from api.routes import router
from application.metadata_service import MetadataService
from config import get_settings
from data_access.database import close_database_pool
from data_access.metadata_dao import MetadataDAO


@contextlib.asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """The pool is created by the first request, and closed here."""
    logging.basicConfig(level=get_settings().log_level)
    app.state.metadata_service = MetadataService(MetadataDAO())
    yield
    await close_database_pool()


app = FastAPI(title="Metadata Service", lifespan=lifespan)
app.include_router(router)
