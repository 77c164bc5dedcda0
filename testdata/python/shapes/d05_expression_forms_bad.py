"""Handles dropped by expressions and by names that nobody reads."""
import asyncio
from typing import Protocol


class Metrics(Protocol):
    async def push(self, name: str) -> None: ...


class Reporter:
    def __init__(self, metrics: Metrics, enabled: bool) -> None:
        self._metrics = metrics
        self._enabled = enabled

    def hit(self) -> None:
        self._enabled and asyncio.create_task(self._metrics.push("hit"))  # BAD: untrackedtask

    def miss(self) -> None:
        asyncio.create_task(self._metrics.push("miss")) if self._enabled else None  # BAD: untrackedtask

    def start(self) -> None:
        _ = asyncio.create_task(self._metrics.push("start"))  # BAD: untrackedtask

    def pair(self) -> int:
        size, task = 2, asyncio.create_task(self._metrics.push("pair"))  # BAD: untrackedtask
        return size

    def chain(self) -> None:
        first = second = asyncio.create_task(self._metrics.push("chain"))  # BAD: untrackedtask
