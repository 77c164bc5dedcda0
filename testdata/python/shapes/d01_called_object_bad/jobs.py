"""Jobs next to a request."""
from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any


class Jobs:
    """Starts jobs; remembers how many."""

    def __init__(self) -> None:
        self.started = 0

    def __call__(self, coro: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        self.started += 1
        return asyncio.create_task(coro)  # BAD: untrackedtask @job


jobs = Jobs()
