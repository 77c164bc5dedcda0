"""The await hides in a helper, and the lock is acquired by hand at module level."""
from threading import Lock
from typing import Protocol

_lock = Lock()
_versions: dict[str, str] = {}


class Registry(Protocol):
    async def latest(self, package: str) -> str: ...


async def _load(registry: Registry, package: str) -> str:
    return await registry.latest(package)


async def latest(registry: Registry, package: str) -> str:
    _lock.acquire()  # BAD: threadlockawait
    try:
        _versions[package] = await _load(registry, package)
        return _versions[package]
    finally:
        _lock.release()
