"""The last user closes the connection; the next one may have come by then."""
from typing import Protocol


class Connection(Protocol):
    async def flush(self) -> None: ...

    def close(self) -> None: ...


class Shared:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._users = 0
        self.closed = False

    async def __aenter__(self) -> Connection:
        if self.closed:
            raise RuntimeError("closed")
        self._users += 1
        return self._connection

    async def __aexit__(self, *exc: object) -> None:
        if await self._drop() == 0:
            self._connection.close()  # BAD: checkthenact @last
            self.closed = True  # BAD: checkthenact @last

    async def _drop(self) -> int:
        self._users -= 1
        left = self._users
        await self._connection.flush()
        return left
