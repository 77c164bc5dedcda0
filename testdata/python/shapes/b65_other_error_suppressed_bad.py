"""What is suppressed is not what the removal raises."""
from contextlib import suppress
from typing import Protocol


class Server(Protocol):
    async def release(self, value: str) -> None: ...


class Variables:
    def __init__(self, server: Server, values: dict[str, str]) -> None:
        self._server = server
        self._values = dict(values)

    async def delete(self, name: str) -> None:
        try:
            value = self._values[name]
        except KeyError:
            return
        with suppress(OSError):
            await self._server.release(value)
            del self._values[name]  # BAD: checkthenact
