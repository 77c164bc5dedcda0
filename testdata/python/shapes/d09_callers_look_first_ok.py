"""Thumbnails rendered in the background, kept until they are done."""
from __future__ import annotations

import logging
from asyncio import Task, create_task, gather
from collections.abc import Coroutine
from typing import Any, Protocol

log = logging.getLogger("thumbnails")


class Renderer(Protocol):
    async def render(self, path: str, edge: int) -> bytes: ...


class Store(Protocol):
    async def put(self, key: str, data: bytes) -> None: ...


class Thumbnails:
    def __init__(self, renderer: Renderer, store: Store) -> None:
        self._renderer = renderer
        self._store = store
        self._running: dict[str, Task[Any]] = {}
        self.rendered = 0

    def _keep(self, key: str, coro: Coroutine[Any, Any, None]) -> None:
        task = create_task(coro, name=key)
        self._running[key] = task
        task.add_done_callback(self._forget)

    def _forget(self, task: Task[Any]) -> None:
        key = task.get_name()
        if self._running.get(key) is task:
            del self._running[key]
        if not task.cancelled() and task.exception() is not None:
            log.error("thumbnail %s failed", key, exc_info=task.exception())

    async def _render(self, path: str, edge: int) -> None:
        data = await self._renderer.render(path, edge)
        await self._store.put(f"{path}@{edge}", data)
        self.rendered += 1

    def request(self, path: str, edge: int = 128) -> bool:
        key = f"{path}@{edge}"
        if key in self._running:
            return False
        self._keep(key, self._render(path, edge))
        return True

    async def close(self) -> None:
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await gather(*tasks, return_exceptions=True)
