"""Server that takes the flag before its first await."""
from collections.abc import Awaitable, Callable

Hook = Callable[[], Awaitable[None]]


class Server:
    def __init__(self, hooks: list[Hook]) -> None:
        self._hooks = tuple(hooks)
        self.status = "running"
        self.closed_by: list[str] = []

    async def close(self, who: str) -> None:
        if self.status != "running":
            return
        self.status = "closing"
        for hook in self._hooks:
            await hook()
        self.closed_by.append(who)
        self.status = "closed"
