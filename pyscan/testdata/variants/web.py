"""Web handlers and threads."""
import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from fastapi import APIRouter, Depends, FastAPI, Request

app = FastAPI()
router = APIRouter()
sessions: dict[str, Any] = {}
_model: Any = None
_settings: Any = None
counter = 0


async def load(name: str) -> Any:
    await asyncio.sleep(0)
    return name


@app.get("/s/{sid}")
async def session(sid: str) -> Any:
    if sid not in sessions:
        sessions[sid] = await load(sid)  # BAD: checkthenact
    return sessions[sid]


@router.post("/count")
async def count() -> int:
    global counter
    value = counter
    await load("x")
    counter = value + 1  # BAD: lostupdate
    return counter


@router.post("/count_ok")
async def count_ok() -> int:
    global counter
    await load("x")
    counter += 1
    return counter


def get_settings() -> Any:
    global _settings
    if _settings is None:
        _settings = object()  # BAD: checkthenact
    return _settings


@app.get("/sync")
def sync_route(settings: Any = Depends(get_settings)) -> Any:
    global _model
    if _model is None:
        _model = open("model")  # BAD: checkthenact
    return _model


@app.get("/ctx")
async def ctx(request: Request) -> Any:
    if request.state.user is None:
        request.state.user = await load("u")
    return request.state.user


class Worker:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor()
        self.jobs: dict[str, int] = {}
        self.safe: dict[str, int] = {}

    def _count(self, name: str) -> None:
        if name not in self.jobs:
            self.jobs[name] = 0  # BAD: checkthenact|lostupdate
        self.jobs[name] += 1  # MAYBE: lostupdate|checkthenact

    def _count_ok(self, name: str) -> None:
        with self._lock:
            if name not in self.safe:
                self.safe[name] = 0
            self.safe[name] += 1

    async def run(self, name: str) -> None:
        await asyncio.to_thread(self._count, name)
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._pool, self._count_ok, name)
        self.jobs.pop(name, None)
