"""Queries through the shared engine."""
from typing import Any, Protocol

from . import state


class Factory(Protocol):
    async def create_engine(self, url: str) -> Any: ...


async def engine(factory: Factory, url: str) -> Any:
    if state.engine is None:
        state.engine = await factory.create_engine(url)  # BAD: checkthenact
    return state.engine


async def count(factory: Factory, table: str) -> int:
    current = await engine(factory, "db://local")
    return await current.scalar(f"SELECT count(*) FROM {table}")
