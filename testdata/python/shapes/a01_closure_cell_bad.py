"""A dependency that is made once, the first time a handler wants it."""
from collections.abc import Awaitable, Callable
from typing import Any


def shared(factory: Callable[[], Awaitable[Any]]) -> Callable[[], Awaitable[Any]]:
    made: Any = None

    async def provide() -> Any:
        nonlocal made
        if made is not None:
            return made
        made = await factory()  # BAD: checkthenact
        return made

    return provide


def timed(factory: Callable[[], Awaitable[Any]], clock: Callable[[], float]) -> Callable[[], Awaitable[Any]]:
    async def provide() -> Any:
        started = clock()
        value = await factory()
        elapsed = clock() - started
        return value, elapsed

    return provide
