"""The same functions, called on the loop alone."""
from pathlib import Path
from typing import Any

from fastapi import APIRouter

router = APIRouter()


class Handle:
    def __init__(self, path: str) -> None:
        self.path = path
        self.text = Path(path).read_text()

    def close(self) -> None:
        self.text = ""


class Templates:
    def __init__(self) -> None:
        self._open: dict[str, Handle] = {}

    def _load(self, path: str) -> Handle:
        if path not in self._open:
            self._open[path] = Handle(path)
        return self._open[path]

    async def load(self, path: str) -> Handle:
        return self._load(path)


templates = Templates()


@router.get("/templates/{path}")
async def template(path: str) -> dict[str, Any]:
    handle = await templates.load(path)
    return {"path": handle.path, "size": len(handle.text)}
