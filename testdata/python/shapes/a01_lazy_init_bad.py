"""Lazily opened connection to the search cluster."""
from typing import Protocol


class Connection(Protocol):
    async def query(self, text: str) -> list[str]: ...

    async def aclose(self) -> None: ...


class Cluster(Protocol):
    async def open(self, node: str) -> Connection: ...


class SearchClient:
    def __init__(self, cluster: Cluster, node: str) -> None:
        self._cluster = cluster
        self._node = node
        self._connection: Connection | None = None

    async def connection(self) -> Connection:
        if self._connection is None:
            self._connection = await self._cluster.open(self._node)  # BAD: checkthenact
        return self._connection

    async def search(self, text: str) -> list[str]:
        connection = await self.connection()
        return await connection.query(text.strip().lower())

    async def aclose(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.aclose()
