"""The answer is asked for again after the await."""
from typing import Protocol


class Link(Protocol):
    async def close(self) -> None: ...


class Network(Protocol):
    async def connect(self, peer: str) -> Link: ...


class Mesh:
    def __init__(self, network: Network) -> None:
        self._network = network
        self._links: dict[str, Link] = {}
        self._closed = False

    async def link(self, peer: str) -> Link:
        if (link := self._links.get(peer)) is not None:
            return link
        fresh = await self._network.connect(peer)
        existing = self._links.get(peer)
        if existing is not None:
            await fresh.close()
            return existing
        self._links[peer] = fresh
        return fresh

    async def replace(self, peer: str) -> None:
        if self._closed:
            return
        fresh = await self._network.connect(peer)
        if self._closed:
            await fresh.close()
            return
        previous, self._links[peer] = self._links.get(peer), fresh
        if previous is not None:
            await previous.close()

    def close(self) -> None:
        self._closed = True
