"""Knowledge graph service."""
import contextlib
import os
from typing import Any, AsyncIterator, Dict, List

import asyncpg
from fastapi import FastAPI, Query

from knowledge_graph.graph_dao import GraphDAO
from knowledge_graph.graph_service import KnowledgeGraphService


@contextlib.asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Connect at startup, disconnect at shutdown."""
    pool = await asyncpg.create_pool(os.environ.get("GRAPH_DATABASE_URL"))
    app.state.graphs = KnowledgeGraphService(GraphDAO(pool))
    yield
    await pool.close()


app = FastAPI(title="Knowledge Graph", lifespan=lifespan)


@app.get("/api/v1/courses/{course_id}/paths/{goal}")
async def learning_path(
    course_id: str, goal: str, known: List[str] = Query(default=[])
) -> List[Dict[str, Any]]:
    """What to learn, in which order."""
    path = await app.state.graphs.learning_path(course_id, goal, set(known))
    return [{"id": concept.id, "name": concept.name} for concept in path]


@app.post("/api/v1/courses/{course_id}/concepts/{concept_id}/prerequisites")
async def add_prerequisite(
    course_id: str, concept_id: str, needs_id: str
) -> Dict[str, int]:
    """Say that one concept needs another."""
    count = await app.state.graphs.add_prerequisite(course_id, concept_id, needs_id)
    return {"prerequisites": count}
