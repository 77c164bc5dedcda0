"""Concept graphs in PostgreSQL."""
import asyncpg

from knowledge_graph.model import Concept, ConceptGraph


class GraphDAO:
    """Every statement that touches concepts and prerequisites."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def load(self, course_id: str) -> ConceptGraph:
        """The whole graph of a course."""
        graph = ConceptGraph(course_id)
        rows = await self._pool.fetch(
            "SELECT id, name, minutes FROM concepts WHERE course_id = $1", course_id
        )
        for row in rows:
            graph.concepts[row["id"]] = Concept(row["id"], row["name"], row["minutes"])
        edges = await self._pool.fetch(
            "SELECT concept_id, needs_id FROM prerequisites WHERE course_id = $1", course_id
        )
        for edge in edges:
            graph.prerequisites.setdefault(edge["concept_id"], set()).add(edge["needs_id"])
        return graph

    async def add_prerequisite(self, course_id: str, concept_id: str, needs_id: str) -> None:
        """Store one edge; storing it twice is harmless."""
        await self._pool.execute(
            "INSERT INTO prerequisites (course_id, concept_id, needs_id)"
            " VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            course_id,
            concept_id,
            needs_id,
        )
