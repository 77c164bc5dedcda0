"""Connection pool that may grow past its limit."""
from typing import Any, Protocol


class Server(Protocol):
    async def dial(self) -> Any: ...


class Pool:
    def __init__(self, server: Server, limit: int = 4) -> None:
        self._server = server
        self._limit = limit
        self._connections: list[Any] = []

    async def grow(self) -> bool:
        if self._limit > len(self._connections):
            connection = await self._server.dial()
            self._connections.append(connection)  # BAD: checkthenact
            return True
        return False

    def shrink(self) -> Any | None:
        return self._connections.pop() if self._connections else None
