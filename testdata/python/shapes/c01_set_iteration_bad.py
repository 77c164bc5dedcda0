"""A module-level set of listeners, with an `async with` in the loop."""
from contextlib import AbstractAsyncContextManager
from typing import Protocol


class Listener(Protocol):
    def session(self) -> AbstractAsyncContextManager["Listener"]: ...

    def push(self, text: str) -> None: ...


listeners: set[Listener] = set()


def subscribe(listener: Listener) -> None:
    listeners.add(listener)


def unsubscribe(listener: Listener) -> None:
    listeners.discard(listener)


async def push_all(text: str) -> int:
    pushed = 0
    for listener in listeners:  # BAD: iterationrace
        async with listener.session() as session:
            session.push(text)
            pushed += 1
    return pushed
