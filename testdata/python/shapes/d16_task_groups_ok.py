"""Groups own their tasks, wherever they come from."""
import asyncio
from typing import Protocol

import anyio
import anyio.abc


class Site(Protocol):
    async def check(self) -> None: ...


async def start_checks(group: asyncio.TaskGroup, sites: list[Site]) -> None:
    for site in sites:
        group.create_task(site.check())


class Monitor:
    def __init__(self, group: asyncio.TaskGroup, nursery: anyio.abc.TaskGroup) -> None:
        self._group = group
        self._nursery = nursery

    def check(self, site: Site) -> None:
        self._group.create_task(site.check(), name="check")

    def check_too(self, site: Site) -> None:
        self._nursery.start_soon(site.check)


async def check_all(sites: list[Site]) -> None:
    async with asyncio.TaskGroup() as group:
        await start_checks(group, sites)
    async with anyio.create_task_group() as nursery:
        for site in sites:
            nursery.start_soon(site.check)
