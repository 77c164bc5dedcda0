"""Server that must run its close hooks once."""
from collections.abc import Awaitable, Callable

Hook = Callable[[], Awaitable[None]]


class Server:
    def __init__(self, hooks: list[Hook]) -> None:
        self._hooks = tuple(hooks)
        self.status = "running"
        self.closed_by: list[str] = []

    async def _before_close(self) -> None:
        for hook in self._hooks:
            await hook()

    async def close(self, who: str) -> None:
        if self.status == "closed":
            return
        await self._before_close()
        self.status = "closed"  # BAD: checkthenact
        self.closed_by.append(who)

    def describe(self) -> str:
        return f"{self.status} ({', '.join(self.closed_by)})"
