"""Concepts and how they depend on each other."""
from dataclasses import dataclass, field
from typing import Dict, List, Set


@dataclass(frozen=True)
class Concept:
    """Something that can be learned."""

    id: str
    name: str
    minutes: int = 60


@dataclass
class ConceptGraph:
    """The concepts of one course with their prerequisites."""

    course_id: str
    concepts: Dict[str, Concept] = field(default_factory=dict)
    prerequisites: Dict[str, Set[str]] = field(default_factory=dict)

    def path_to(self, goal: str, known: Set[str]) -> List[Concept]:
        """What to learn, in which order, to understand the goal."""
        order: List[Concept] = []
        done: Set[str] = set(known)
        stack = [(goal, False)]
        while stack:
            concept_id, expanded = stack.pop()
            if concept_id in done:
                continue
            if expanded:
                done.add(concept_id)
                order.append(self.concepts[concept_id])
                continue
            stack.append((concept_id, True))
            for needed in sorted(self.prerequisites.get(concept_id, ())):
                stack.append((needed, False))
        return order
