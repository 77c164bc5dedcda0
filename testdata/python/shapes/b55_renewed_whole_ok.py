"""A guard asks whether there is anything at all; what is reloaded replaces it whole, and is as good."""
from typing import Any, Protocol


class Docker(Protocol):
    async def show(self) -> dict[str, Any]: ...

    async def connect(self, name: str) -> None: ...


class Network:
    def __init__(self, docker: Docker) -> None:
        self._docker = docker
        self._meta: dict[str, Any] = {}

    @property
    def containers(self) -> dict[str, Any]:
        if not self._meta:
            raise RuntimeError("the network is not loaded")
        return self._meta["containers"]

    async def reload(self) -> None:
        self._meta = await self._docker.show()

    async def attach(self, name: str) -> None:
        if name in self.containers:
            return
        await self.reload()
        await self._docker.connect(name)
