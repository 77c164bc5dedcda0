"""The clean-up runs whatever the look had told."""
from typing import Protocol


class Work(Protocol):
    async def step(self) -> bool: ...

    async def after(self) -> None: ...


class Job:
    def __init__(self, work: Work) -> None:
        self._work = work
        self._stop_next = False

    async def run(self) -> None:
        try:
            if self._stop_next:
                return
            while await self._work.step():
                pass
        finally:
            await self._work.after()
            self._stop_next = False

    def stop(self) -> None:
        self._stop_next = True
