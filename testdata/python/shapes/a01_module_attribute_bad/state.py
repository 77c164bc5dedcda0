"""What the whole process shares."""
from typing import Any

engine: Any = None
started_at: float = 0.0


def reset() -> Any:
    global engine
    previous, engine = engine, None
    return previous
