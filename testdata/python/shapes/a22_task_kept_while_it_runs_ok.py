"""Loads sheets in the background; the task removes its own entry."""
from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable


class SheetLoader:
    def __init__(self, load: Callable[[str], Awaitable[str]]) -> None:
        self._load = load
        self._loading: dict[str, asyncio.Task[None]] = {}
        self._sheets: dict[str, str] = {}
        self.errors: dict[str, str] = {}

    def prefetch(self, key: str) -> None:
        if key in self._sheets:
            return
        if key not in self._loading:
            self._loading[key] = asyncio.create_task(self._run(key))

    async def _run(self, key: str) -> None:
        try:
            self._sheets[key] = await self._load(key)
        except OSError as error:
            self.errors[key] = str(error)
        finally:
            del self._loading[key]

    async def sheet(self, key: str) -> str:
        self.prefetch(key)
        if (task := self._loading.get(key)) is not None:
            await asyncio.shield(task)
        return self._sheets[key]

    async def aclose(self) -> None:
        tasks = list(self._loading.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
