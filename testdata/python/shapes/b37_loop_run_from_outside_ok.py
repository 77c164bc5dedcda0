"""A plain function runs a loop to its end: nobody else is there meanwhile."""
import asyncio
from collections.abc import Awaitable, Callable


class Case:
    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._cleanup: list[Callable[[], Awaitable[None]]] = []

    def add_cleanup(self, step: Callable[[], Awaitable[None]]) -> None:
        self._cleanup.insert(0, step)

    def tear_down(self) -> None:
        for step in self._cleanup:
            self._loop.run_until_complete(step())
        self._loop.close()
