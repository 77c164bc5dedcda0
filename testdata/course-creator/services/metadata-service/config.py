"""Settings of the metadata service."""
import os
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True)
class Settings:
    database_url: str
    log_level: str


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The environment, read once."""
    return Settings(
        database_url=os.environ.get("METADATA_DATABASE_URL", ""),
        log_level=os.environ.get("LOG_LEVEL", "INFO"),
    )
