"""Documents as the RAG service returns them."""
from dataclasses import dataclass, field
from typing import Any, Dict


@dataclass(frozen=True)
class RetrievedDocument:
    """A document and how far it is from the question."""

    id: int
    content: str
    distance: float
    metadata: Dict[str, Any] = field(default_factory=dict)

    @property
    def similarity(self) -> float:
        """1 for identical, 0 for unrelated."""
        return max(0.0, 1.0 - self.distance)
