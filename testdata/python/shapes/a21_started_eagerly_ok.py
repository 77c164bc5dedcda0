"""The loop starts tasks eagerly, so the body's flag is set before create_task returns."""
import asyncio
from collections.abc import Awaitable, Callable


class Mailbox:
    def __init__(self, handle: Callable[[str], Awaitable[None]]) -> None:
        self._handle = handle
        self._queue: list[str] = []
        self._draining = False
        self._tasks: set[asyncio.Task[None]] = set()
        self.failures = 0

    def put(self, item: str) -> None:
        self._queue.append(item)
        if not self._draining:
            task = asyncio.create_task(self._drain())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _drain(self) -> None:
        self._draining = True
        try:
            while self._queue:
                item = self._queue.pop(0)
                try:
                    await self._handle(item)
                except Exception:
                    self.failures += 1
        finally:
            self._draining = False

    async def close(self) -> None:
        await asyncio.gather(*self._tasks)


async def serve(mailbox: Mailbox, items: list[str]) -> None:
    asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
    for item in items:
        mailbox.put(item)
        await asyncio.sleep(0)
    await mailbox.close()


if __name__ == "__main__":
    asyncio.run(serve(Mailbox(lambda item: asyncio.sleep(0.1)), ["a", "b"]))
