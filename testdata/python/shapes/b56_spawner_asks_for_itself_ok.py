"""The helper that starts tasks asks whether tasks may be started now; nothing that the task does rests on that."""
import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any


class Instance:
    def __init__(self) -> None:
        self._read_only = False
        self._tasks: set[asyncio.Task[Any]] = set()
        self.answers: list[int] = []

    @contextmanager
    def _reading(self) -> Iterator[None]:
        before = self._read_only
        self._read_only = True
        try:
            yield
        finally:
            self._read_only = before

    def _assert_may_start(self) -> None:
        if self._read_only:
            raise RuntimeError("nothing is started by a reader")

    def _launch(self, work: Coroutine[Any, Any, None]) -> None:
        self._assert_may_start()
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[Any]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self.answers.append(-1)

    async def query(self, number: int) -> None:
        async def answer() -> None:
            with self._reading():
                self.answers.append(number)

        self._launch(answer())

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
