"""A function that runs in a thread is called under a lock, and by the constructor."""
from __future__ import annotations

import asyncio
from typing import Protocol


class Files(Protocol):
    def changed(self) -> dict[str, float]: ...


class Provider:
    def __init__(self, files: Files, watch: bool) -> None:
        self._files = files
        self._watch = watch
        self._lock: asyncio.Lock | None = None
        self._warned: dict[str, float] = {}
        if not watch:
            self._load()

    def _load(self) -> None:
        for name, at in self._files.changed().items():
            warned = self._warned.get(name)
            if warned is None or warned != at:
                print("cannot read", name)
                self._warned[name] = at

    async def names(self) -> list[str]:
        if self._lock is None:
            self._lock = asyncio.Lock()
        async with self._lock:
            if self._watch:
                await asyncio.to_thread(self._load)
        return list(self._warned)
