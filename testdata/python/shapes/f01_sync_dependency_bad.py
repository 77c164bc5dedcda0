"""FastAPI runs plain functions in a thread pool: testing and setting are two steps there."""
from typing import Any

from fastapi import APIRouter, Depends

router = APIRouter()
_client: "Client | None" = None


class Client:
    def __init__(self, url: str) -> None:
        self.url = url
        self.calls = 0

    def call(self, path: str) -> dict[str, Any]:
        return {"url": self.url, "path": path}

    def close(self) -> None:
        self.url = ""


def get_client() -> Client:
    global _client
    if _client is None:
        _client = Client("http://upstream")  # BAD: checkthenact
    return _client


@router.get("/items/{item}")
def read_item(item: str, client: Client = Depends(get_client)) -> dict[str, Any]:
    return client.call(item)
