"""The only awaits between check and act are on paths that leave."""
from typing import Protocol


class Peer(Protocol):
    async def reject(self, reason: str) -> None: ...

    async def welcome(self, name: str) -> None: ...


class Lobby:
    def __init__(self, size: int) -> None:
        self._size = size
        self._peers: dict[str, Peer] = {}
        self._banned: set[str] = set()

    async def enter(self, name: str, peer: Peer) -> bool:
        if name in self._peers:
            await peer.reject("name in use")
            return False
        if len(self._peers) >= self._size:
            await peer.reject("full")
            raise ConnectionRefusedError(name)
        self._peers[name] = peer
        await peer.welcome(name)
        return True

    async def ban(self, name: str) -> None:
        try:
            peer = self._peers.pop(name)
        except KeyError:
            self._banned.add(name)
        else:
            self._banned.add(name)
            await peer.reject("banned")
