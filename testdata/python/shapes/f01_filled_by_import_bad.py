"""The module calls it while it is imported, but a route empties it again."""
from fastapi import Depends, FastAPI

app = FastAPI()


class Engine:
    def __init__(self, dsn: str) -> None:
        self.dsn = dsn

    def connect(self) -> "Engine":
        return self

    def close(self) -> None:
        self.dsn = ""


_engine: Engine | None = None


def engine() -> Engine:
    global _engine
    if _engine is None:
        _engine = Engine("sqlite://").connect()  # BAD: checkthenact
    return _engine


FIRST = engine()


@app.post("/reset")
def reset() -> None:
    global _engine
    _engine = None


@app.get("/dsn")
def dsn(current: Engine = Depends(engine)) -> str:
    return current.dsn
