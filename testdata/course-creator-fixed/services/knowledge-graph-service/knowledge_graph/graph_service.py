"""Learning paths over cached concept graphs."""
import asyncio
import logging
from typing import Dict, List, Set

from knowledge_graph.graph_dao import GraphDAO
from knowledge_graph.model import Concept, ConceptGraph

logger = logging.getLogger(__name__)

MAX_CACHED_GRAPHS = 100


class KnowledgeGraphService:
    """Keeps the graphs that were asked for last.

    ``_graphs`` is read and changed under ``_graphs_lock`` only; the private
    methods whose names end in ``_locked`` expect their callers to hold it.
    """

    def __init__(self, dao: GraphDAO) -> None:
        self._dao = dao
        self._graphs: Dict[str, ConceptGraph] = {}
        self._graphs_lock = asyncio.Lock()

    async def learning_path(
        self, course_id: str, goal: str, known: Set[str]
    ) -> List[Concept]:
        """What to learn, in which order, to understand the goal."""
        async with self._graphs_lock:
            graph = await self._graph_locked(course_id)
        return graph.path_to(goal, known)

    async def add_prerequisite(self, course_id: str, concept_id: str, needs_id: str) -> int:
        """Add an edge; returns how many prerequisites the concept has now."""
        async with self._graphs_lock:
            await self._dao.add_prerequisite(course_id, concept_id, needs_id)
            self._graphs.pop(course_id, None)
            graph = await self._graph_locked(course_id)
            return len(graph.prerequisites.get(concept_id, ()))

    async def _graph_locked(self, course_id: str) -> ConceptGraph:
        """The graph of a course, loaded if it is not there."""
        if course_id not in self._graphs:
            graph = await self._dao.load(course_id)
            self._make_room_locked()
            self._graphs[course_id] = graph
            logger.info("Loaded %d concepts of %s", len(graph.concepts), course_id)
        return self._graphs[course_id]

    def _make_room_locked(self) -> None:
        """Drop the oldest graphs."""
        while len(self._graphs) >= MAX_CACHED_GRAPHS:
            oldest = next(iter(self._graphs))
            del self._graphs[oldest]
