"""The body forgets its handle where a cancelled task never gets: who replaces it cancels it first."""
import asyncio
import logging
from typing import Protocol

log = logging.getLogger("ready")


class State(Protocol):
    async def settle(self) -> None: ...


class Ready:
    def __init__(self, state: State) -> None:
        self._state = state
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        if self._task is not None:
            self._task.cancel()
        self._task = asyncio.create_task(self._delay())

    async def _delay(self) -> None:
        try:
            await self._state.settle()
        except OSError:
            log.exception("cannot settle")
        self._task = None

    async def close(self) -> None:
        if (task := self._task) is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
