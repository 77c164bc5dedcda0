"""Metadata of courses, lessons and other entities."""
import json
from dataclasses import dataclass, field
from typing import Any, Dict, List, Mapping


@dataclass
class MetadataRecord:
    """What is known about one entity."""

    entity_id: str
    entity_type: str
    title: str
    keywords: List[str] = field(default_factory=list)
    extra: Dict[str, Any] = field(default_factory=dict)

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> "MetadataRecord":
        """A database row as a record."""
        return cls(
            entity_id=row["entity_id"],
            entity_type=row["entity_type"],
            title=row["title"],
            keywords=list(row["keywords"] or []),
            extra=json.loads(row["extra"] or "{}"),
        )

    def normalised_keywords(self) -> List[str]:
        """Lower case, without duplicates, in their first order."""
        return list(dict.fromkeys(word.strip().lower() for word in self.keywords))
