"""A loop over `as_completed` that a handler leaves, or goes on with; tasks waited for inside a group."""
import asyncio
from typing import Protocol


class Light(Protocol):
    async def off(self) -> None: ...


async def until_one_fails(lights: list[Light]) -> int:
    off = 0
    for done in asyncio.as_completed([light.off() for light in lights]):  # BAD: untrackedtask
        try:
            await done
        except OSError:
            break
        off += 1
    return off


async def all_that_can(lights: list[Light]) -> int:
    off = 0
    for done in asyncio.as_completed([light.off() for light in lights]):
        try:
            await done
        except OSError:
            continue
        off += 1
    return off


async def within_a_second(light: Light, other: Light) -> None:
    async with asyncio.TaskGroup() as group:
        task = asyncio.create_task(light.off())
        group.create_task(asyncio.wait_for(task, 1))
        group.create_task(other.off())
