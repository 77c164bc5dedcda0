"""The module calls it once while it is imported: there are no threads yet, and it is never emptied."""
import os
from dataclasses import dataclass

from fastapi import Depends, FastAPI

app = FastAPI()


@dataclass(frozen=True)
class Settings:
    dsn: str


_settings: Settings | None = None


def settings() -> Settings:
    global _settings
    if _settings is None:
        _settings = Settings(os.environ.get("DSN", ""))
    return _settings


TITLE = settings().dsn


@app.get("/dsn")
def dsn(current: Settings = Depends(settings)) -> str:
    return current.dsn
