"""The executor's function fills the cache while its only caller holds the lock."""
import asyncio
from typing import Any

_cache: list[Any] = []
_lock = asyncio.Lock()


def _load() -> Any:
    import codecs

    if not _cache:
        _cache.append(codecs)
    return codecs


async def load() -> Any:
    async with _lock:
        return await asyncio.get_running_loop().run_in_executor(None, _load)
