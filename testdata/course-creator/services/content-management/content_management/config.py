"""Settings of the content service."""
import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    database_url: str = "postgresql://localhost/content"
    cache_address: str = "cache:7000"
    search_url: str = "http://search:9200"
    search_index: str = "content"
    storage_url: str = "http://content-storage:8003"
    broker_address: str = "broker:7100"
    metadata_url: str = "http://metadata-service:8011"
    upload_directory: str = "/var/lib/content"


def load_settings() -> Settings:
    """Defaults, overridden by the environment."""
    overrides = {
        name: os.environ[name.upper()]
        for name in Settings.__dataclass_fields__
        if name.upper() in os.environ
    }
    return Settings(**overrides)
