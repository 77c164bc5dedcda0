"""The first answer wins; the other requests go on, and nobody sees how they end."""
import asyncio
from typing import Protocol


class Replica(Protocol):
    async def read(self, key: str) -> str | None: ...


async def first_answer(replicas: list[Replica], key: str) -> str | None:
    for next_answer in asyncio.as_completed([replica.read(key) for replica in replicas]):  # BAD: untrackedtask
        answer = await next_answer
        if answer is not None:
            return answer
    return None


async def fastest(replicas: list[Replica], key: str) -> str | None:
    tasks = [asyncio.create_task(replica.read(key)) for replica in replicas]
    try:
        for next_answer in asyncio.as_completed(tasks):
            if (answer := await next_answer) is not None:
                return answer
        return None
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
