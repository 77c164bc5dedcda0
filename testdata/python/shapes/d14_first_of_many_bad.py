"""The first of several wins: what becomes of the others?"""
import asyncio
import contextlib
from typing import Any


async def fastest(mirrors: list[Any], path: str) -> bytes:
    tasks = [asyncio.create_task(mirror.get(path)) for mirror in mirrors]  # BAD: untrackedtask
    for done in asyncio.as_completed(tasks):
        with contextlib.suppress(OSError):
            return await done
    raise OSError(path)


async def fastest_ok(mirrors: list[Any], path: str) -> bytes:
    tasks = [asyncio.create_task(mirror.get(path)) for mirror in mirrors]
    try:
        for done in asyncio.as_completed(tasks):
            with contextlib.suppress(OSError):
                return await done
        raise OSError(path)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def race(mirrors: list[Any], path: str) -> bytes:
    tasks = {asyncio.create_task(mirror.get(path)) for mirror in mirrors}  # BAD: untrackedtask
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    return next(iter(done)).result()


async def race_ok(mirrors: list[Any], path: str) -> bytes:
    tasks = {asyncio.create_task(mirror.get(path)) for mirror in mirrors}
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    await asyncio.gather(*pending, return_exceptions=True)
    return next(iter(done)).result()


def local_set(mirrors: list[Any]) -> None:
    tasks = set()
    for mirror in mirrors:
        task = asyncio.create_task(mirror.ping())  # BAD: untrackedtask
        tasks.add(task)
