"""Listeners come and go while an event is handed to them."""
from collections.abc import Awaitable, Callable

Listener = Callable[[str], Awaitable[str | None]]


class Events:
    def __init__(self) -> None:
        self.listeners: dict[str, Listener] = {}

    def add(self, name: str, f: Listener) -> None:
        self.listeners[name] = f

    async def tell(self, what: str) -> list[str]:
        answers = []
        for name, listener in self.listeners.items():  # BAD: iterationrace
            answer = await listener(what)
            if answer is not None:
                answers.append(name + answer)
        return answers
