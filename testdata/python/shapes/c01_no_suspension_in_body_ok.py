"""The loop over the shared table never suspends; the awaits come after it."""
from typing import Protocol


class Client(Protocol):
    async def ping(self) -> bool: ...


class Heartbeat:
    def __init__(self) -> None:
        self._clients: dict[str, Client] = {}
        self._silent: set[str] = set()

    def connect(self, name: str, client: Client) -> None:
        self._clients[name] = client

    def disconnect(self, name: str) -> None:
        self._clients.pop(name, None)

    async def _label(self, name: str) -> str:
        return name.upper()

    async def labels(self) -> list[str]:
        labels = []
        for name in self._clients:
            labels.append(await self._label(name))
        return labels

    async def round(self) -> int:
        clients = []
        for name, client in self._clients.items():
            clients.append((name, client))
        for name, client in clients:
            if not await client.ping():
                self._silent.add(name)
        return len(self._silent)
