"""Settings of the user service."""
import os
from dataclasses import dataclass
from functools import lru_cache
from typing import Optional


@dataclass(frozen=True)
class Settings:
    database_url: str
    database_ca_file: Optional[str]
    pool_min_size: int
    pool_max_size: int


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The environment, read once."""
    return Settings(
        database_url=os.environ.get("USER_DATABASE_URL", "postgresql://localhost/users"),
        database_ca_file=os.environ.get("USER_DATABASE_CA") or None,
        pool_min_size=int(os.environ.get("USER_POOL_MIN", "2")),
        pool_max_size=int(os.environ.get("USER_POOL_MAX", "10")),
    )
