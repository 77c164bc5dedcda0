"""The caller gets what goes over the tasks as they complete."""
import asyncio
from collections.abc import Awaitable, Iterator


async def _limited(limit: asyncio.Semaphore, job: Awaitable[str]) -> str:
    async with limit:
        return await job


def completed(*jobs: Awaitable[str], limit: int = 4) -> Iterator[Awaitable[str]]:
    semaphore = asyncio.Semaphore(limit)
    pending = []
    for job in jobs:
        job = _limited(semaphore, job)
        pending.append(job)
    return asyncio.as_completed(pending)
