"""A list that shrinks during the loop: no error, but every second hook is skipped."""
from collections.abc import Awaitable, Callable

Hook = Callable[[], Awaitable[None]]


class Hooks:
    def __init__(self) -> None:
        self._hooks: list[Hook] = []
        self.runs = 0

    def add(self, hook: Hook) -> Callable[[], None]:
        self._hooks.append(hook)
        return lambda: self._hooks.remove(hook)

    async def run(self) -> None:
        for hook in self._hooks:  # BAD: iterationrace
            await hook()
            self.runs += 1
