"""The pool keeps its warm-up task only weakly."""
import asyncio
import weakref
from typing import Protocol


class Dialer(Protocol):
    async def dial(self) -> None: ...


class Pool:
    def __init__(self, dialer: Dialer) -> None:
        self._dialer = dialer
        self._warming: weakref.ref[asyncio.Task[None]] | None = None
        self._all: weakref.WeakSet[asyncio.Task[None]] = weakref.WeakSet()

    def prewarm(self) -> None:
        if self._warming is None or self._warming() is None:
            task = asyncio.create_task(self._dialer.dial())  # BAD: untrackedtask
            self._warming = weakref.ref(task)

    def dial_more(self) -> None:
        task = asyncio.create_task(self._dialer.dial())  # BAD: untrackedtask
        self._all.add(task)

    async def close(self) -> None:
        task = self._warming() if self._warming else None
        if task is not None:
            task.cancel()
