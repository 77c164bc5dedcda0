"""Settings of the course generator, from the environment."""
import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    database_dsn: str
    ai_base_url: str
    ai_model: str
    rag_base_url: str
    queue_poll_seconds: float


def load_settings() -> Settings:
    """Read the environment once, at startup."""
    return Settings(
        database_dsn=os.environ.get("DATABASE_DSN", "postgresql://localhost/courses"),
        ai_base_url=os.environ.get("AI_BASE_URL", "https://ai.internal"),
        ai_model=os.environ.get("AI_MODEL", "course-writer-2"),
        rag_base_url=os.environ.get("RAG_BASE_URL", "http://rag-service:8009"),
        queue_poll_seconds=float(os.environ.get("QUEUE_POLL_SECONDS", "5")),
    )
