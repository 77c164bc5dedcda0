"""Sessions of the editor."""
from .store import RemoteStore


class Sessions:
    def __init__(self, store: RemoteStore) -> None:
        self._store = store
        self._bodies: dict[str, bytes] = {}

    def edit(self, name: str, body: bytes) -> None:
        self._bodies[name] = body

    def close(self, name: str) -> bytes:
        return self._bodies.pop(name, b"")

    async def save_all(self) -> None:
        for name in self._bodies:  # BAD: iterationrace
            await self._save(name)

    async def _save(self, name: str) -> None:
        await self._store.save(name, self._bodies.get(name, b""))
