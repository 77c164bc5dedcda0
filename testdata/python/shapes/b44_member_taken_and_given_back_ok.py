"""A member is taken out of the container and given back after an await: nothing old is written back."""
from __future__ import annotations

from typing import Protocol


class Connection(Protocol):
    async def connect(self) -> None: ...


class Factory(Protocol):
    def make(self) -> Connection: ...


class Pool:
    def __init__(self, factory: Factory) -> None:
        self._factory = factory
        self._idle: list[Connection] = []
        self.given = 0

    def reset(self) -> None:
        self._idle = []

    def _take(self) -> Connection:
        try:
            return self._idle.pop()
        except IndexError:
            return self._factory.make()

    async def get(self) -> Connection:
        connection = self._take()
        try:
            await connection.connect()
        except ConnectionError:
            self._give(connection)
            raise
        self.given += 1
        return connection

    async def ping(self) -> None:
        if not self._idle:
            return
        connection = self._idle.pop()
        await connection.connect()
        self._idle.append(connection)

    def _give(self, connection: Connection) -> None:
        self._idle.append(connection)
