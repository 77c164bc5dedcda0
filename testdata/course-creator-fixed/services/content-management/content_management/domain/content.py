"""Course materials."""
from dataclasses import dataclass
from enum import Enum
from typing import Any, Dict, Mapping


class ContentKind(Enum):
    DOCUMENT = "document"
    VIDEO = "video"
    SLIDES = "slides"
    EXERCISE = "exercise"


@dataclass(frozen=True)
class ContentItem:
    """One piece of material; the bytes are in content-storage."""

    id: str
    course_id: str
    title: str
    kind: ContentKind
    storage_key: str
    version: int = 1

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> "ContentItem":
        """A database row as an item."""
        return cls(
            id=row["id"],
            course_id=row["course_id"],
            title=row["title"],
            kind=ContentKind(row["kind"]),
            storage_key=row["storage_key"],
            version=row["version"],
        )

    def search_document(self) -> Dict[str, Any]:
        """What the search engine should know."""
        return {"id": self.id, "title": self.title, "course_id": self.course_id}
