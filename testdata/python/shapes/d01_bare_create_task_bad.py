"""Fire and forget, in the four spellings."""
import asyncio
from asyncio import create_task, ensure_future
from typing import Protocol

spawn = asyncio.create_task


class Hook(Protocol):
    async def call(self, event: str) -> None: ...


class Hooks:
    def __init__(self, hook: Hook) -> None:
        self._hook = hook

    async def created(self, name: str) -> None:
        asyncio.create_task(self._hook.call(f"created {name}"))  # BAD: untrackedtask

    async def renamed(self, name: str) -> None:
        create_task(self._hook.call(f"renamed {name}"), name="rename")  # BAD: untrackedtask

    def touched(self, name: str) -> None:
        ensure_future(self._hook.call(f"touched {name}"))  # BAD: untrackedtask

    def deleted(self, name: str) -> None:
        spawn(self._hook.call(f"deleted {name}"))  # BAD: untrackedtask

    async def archived(self, name: str) -> None:
        await self._hook.call(f"archived {name}")
