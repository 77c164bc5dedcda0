"""Heartbeats are sent over a table that connects and disconnects change."""
from typing import Protocol


class Client(Protocol):
    async def ping(self) -> bool: ...


class Heartbeat:
    def __init__(self) -> None:
        self._clients: dict[str, Client] = {}
        self.rounds = 0

    def connect(self, name: str, client: Client) -> None:
        self._clients[name] = client

    def disconnect(self, name: str) -> None:
        del self._clients[name]

    async def round(self) -> list[str]:
        silent = []
        for name, client in self._clients.items():  # BAD: iterationrace
            if not await client.ping():
                silent.append(name)
        self.rounds += 1
        return silent
