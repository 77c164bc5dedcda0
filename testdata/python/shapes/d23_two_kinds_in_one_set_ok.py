"""Two kinds of tasks share a set, whose last members are awaited on the way out."""
import asyncio
from typing import Any, Protocol


class Broker(Protocol):
    def batches(self) -> list[str]: ...

    async def send(self, batch: str) -> None: ...

    async def settle(self) -> None: ...


def spawn(work: Any) -> "asyncio.Task[None]":
    return asyncio.get_running_loop().create_task(work)


class Sender:
    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    def _settling(self) -> Any:
        if self._broker.batches():
            return spawn(self._broker.settle())
        return None

    async def run(self) -> None:
        tasks: set[asyncio.Task[None]] = set()
        settling: Any = None
        try:
            while True:
                if settling is None or settling.done():
                    settling = self._settling()
                    if settling is not None:
                        tasks.add(settling)
                for batch in self._broker.batches():
                    task = spawn(self._broker.send(batch))
                    tasks.add(task)
                done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
                tasks -= done
        except asyncio.CancelledError:
            for task in tasks:
                await task
