"""Loops over shared containers whose only await leaves the loop."""
from typing import Protocol


class Resource(Protocol):
    name: str

    def matches(self, uri: str) -> bool: ...

    async def read(self, uri: str) -> bytes: ...


class Resources:
    def __init__(self) -> None:
        self._resources: dict[str, Resource] = {}

    def add(self, resource: Resource) -> None:
        self._resources[resource.name] = resource

    def remove(self, name: str) -> None:
        self._resources.pop(name, None)

    async def read(self, uri: str) -> bytes:
        for resource in self._resources.values():
            if resource.matches(uri):
                return await resource.read(uri)
        raise LookupError(uri)

    async def read_first(self) -> bytes:
        found = None
        for name, resource in self._resources.items():
            if name.startswith("main"):
                found = await resource.read(name)
                break
        return found or b""

    async def refuse(self, uri: str) -> None:
        for resource in self._resources.values():
            if resource.matches(uri):
                raise PermissionError(await resource.read(uri))
