"""What the server of a connection notes under that connection is its own."""
from typing import Protocol


class Comm(Protocol):
    async def read(self) -> str: ...


class Server:
    def __init__(self) -> None:
        self._doing: dict[Comm, str] = {}

    async def serve(self, comm: Comm) -> None:
        order = await comm.read()
        self._doing[comm] = order
        await comm.read()
        del self._doing[comm]  # LOW: blindremoval

    def doing(self) -> list[str]:
        return list(self._doing.values())
