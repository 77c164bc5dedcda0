"""Spellings of starting tasks."""
import asyncio
import logging
from asyncio import create_task
from contextlib import suppress
from typing import Any

log = logging.getLogger(__name__)


async def work(n: int = 0) -> None:
    await asyncio.sleep(n)
    raise ValueError(n)


async def safe(n: int = 0) -> None:
    try:
        await asyncio.sleep(n)
    except Exception:
        log.exception("failed")


class Spawner:
    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._named: dict[str, asyncio.Task[None]] = {}
        self._one: asyncio.Task[None] | None = None
        self._loop = asyncio.get_event_loop()
        self._group: asyncio.TaskGroup | None = None

    def bare(self) -> None:
        asyncio.create_task(work())  # BAD: untrackedtask

    def imported(self) -> None:
        create_task(work(), name="x")  # BAD: untrackedtask

    def by_loop(self) -> None:
        self._loop.create_task(work())  # BAD: untrackedtask

    def by_local_loop(self) -> None:
        loop = asyncio.get_running_loop()
        loop.create_task(work())  # BAD: untrackedtask

    def chained(self) -> None:
        asyncio.ensure_future(work()).add_done_callback(print)  # BAD: untrackedtask

    def unused_name(self) -> None:
        task = asyncio.create_task(work())  # BAD: untrackedtask
        task.set_name("x")

    def underscore(self) -> None:
        _ = asyncio.create_task(work())  # BAD: untrackedtask

    def conditional(self, now: bool) -> None:
        now and asyncio.create_task(work())  # BAD: untrackedtask

    def lambda_ok(self):
        return lambda: asyncio.create_task(work())

    async def awaited_ok(self) -> None:
        task = asyncio.create_task(work())
        await asyncio.sleep(0)
        await task

    async def gathered_ok(self) -> None:
        tasks = []
        for n in range(3):
            tasks.append(asyncio.create_task(work(n)))
        await asyncio.gather(*tasks)

    async def comp_ok(self) -> None:
        tasks = {asyncio.create_task(work(n)) for n in range(3)}
        done, pending = await asyncio.wait(tasks)
        for task in done:
            task.result()

    async def dies(self) -> None:
        tasks = set()
        tasks.add(asyncio.create_task(work()))  # BAD: untrackedtask

    async def cancelled_ok(self) -> None:
        ticker = asyncio.create_task(work())
        try:
            await asyncio.sleep(1)
        finally:
            ticker.cancel()
            with suppress(asyncio.CancelledError):
                await ticker

    def returned_ok(self) -> "asyncio.Task[None]":
        return asyncio.create_task(work())

    def tracked_quiet(self) -> None:
        task = asyncio.create_task(work())  # BAD: unobservedfailure
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def tracked_safe_ok(self) -> None:
        task = asyncio.create_task(safe())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def tracked_ok(self) -> None:
        task = asyncio.create_task(work())
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception():
            log.error("failed", exc_info=task.exception())

    async def group_ok(self) -> None:
        async with asyncio.TaskGroup() as tg:
            tg.create_task(work())
            for n in range(3):
                tg.create_task(work(n))

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._one:
            self._one.cancel()

    def restart(self) -> None:
        if self._one:
            self._one.cancel()
        self._one = asyncio.create_task(safe())

    def ensure(self) -> None:
        if self._one is None or self._one.done():
            self._one = asyncio.create_task(safe())


def fire(coro: Any) -> None:
    asyncio.get_running_loop().create_task(coro)  # BAD: untrackedtask @fire


def use_fire() -> None:
    fire(work())  # BAD: untrackedtask @fire


_background: set[asyncio.Task[Any]] = set()


def keep(coro: Any) -> "asyncio.Task[Any]":
    task = asyncio.create_task(coro)
    _background.add(task)
    task.add_done_callback(_finish)
    return task


def _finish(task: "asyncio.Task[Any]") -> None:
    _background.discard(task)
    with suppress(asyncio.CancelledError):
        if task.exception() is not None:
            log.error("failed", exc_info=task.exception())


def use_keep() -> None:
    keep(work())


async def shutdown() -> None:
    for task in list(_background):
        task.cancel()
    await asyncio.gather(*_background, return_exceptions=True)
