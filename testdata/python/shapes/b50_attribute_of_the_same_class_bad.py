"""The attribute that the base declares is emptied by a class that the reader's class is derived from."""
from typing import Protocol


class Files(Protocol):
    async def fetch(self, name: str) -> dict[str, str]: ...


class Store:
    def __init__(self, files: Files) -> None:
        self._files = files
        self._data: dict[str, str] = {}


class Passwords(Store):
    def forget(self, name: str) -> None:
        self._data.pop(name, None)

    def add(self, name: str, value: str) -> None:
        self._data[name] = value


class Salted(Passwords):
    async def show(self, name: str) -> str:
        if name not in self._data:
            raise KeyError(name)
        await self._files.fetch("salt")
        return self._data[name]  # BAD: checkthenact
