"""A plain route fills a module-level table from many threads."""
from typing import Any

from fastapi import FastAPI

app = FastAPI()
_sessions: dict[str, "Session"] = {}


class Session:
    def __init__(self, user: str) -> None:
        self.user = user
        self.cart: list[str] = []

    def close(self) -> None:
        self.cart.clear()


@app.post("/cart/{user}/{item}")
def add_to_cart(user: str, item: str) -> dict[str, Any]:
    if user not in _sessions:
        _sessions[user] = Session(user)  # BAD: checkthenact
    session = _sessions[user]
    session.cart.append(item)
    return {"items": len(session.cart)}
