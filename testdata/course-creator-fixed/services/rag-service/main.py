"""RAG service."""
import contextlib
import os
from typing import AsyncIterator

import asyncpg
import httpx
from fastapi import FastAPI

from api.routes import router
from application.retrieval_service import RetrievalService
from clients.embedding_client import EmbeddingClient
from data_access.rag_dao import RagDAO

COLLECTION_LIMITS = {"course_syllabi": 5000, "quiz_questions": 50000, "lab_help": 20000}


@contextlib.asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Connect at startup, disconnect at shutdown."""
    pool = await asyncpg.create_pool(os.environ.get("RAG_DATABASE_URL"))
    async with httpx.AsyncClient(base_url=os.environ["EMBEDDING_API"]) as http:
        embeddings = EmbeddingClient(
            http,
            client_id=os.environ["EMBEDDING_CLIENT_ID"],
            client_secret=os.environ["EMBEDDING_CLIENT_SECRET"],
            model=os.environ.get("EMBEDDING_MODEL", "text-embedding-2"),
        )
        app.state.retrieval = RetrievalService(
            RagDAO(pool), embeddings, COLLECTION_LIMITS, min_similarity=0.6
        )
        yield
    await pool.close()


app = FastAPI(title="RAG Service", lifespan=lifespan)
app.include_router(router)
