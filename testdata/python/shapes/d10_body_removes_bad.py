"""Typing notices per channel, ended by a timer task."""
import asyncio
from typing import Protocol


class Channel(Protocol):
    id: int

    async def typing(self, on: bool) -> None: ...


class Typing:
    def __init__(self) -> None:
        self._active: dict[int, asyncio.Task[None]] = {}
        self.notices = 0

    async def _run(self, channel: Channel) -> None:
        try:
            await channel.typing(True)
            await asyncio.sleep(5)
            await channel.typing(False)
        except OSError:
            self.notices -= 1
        finally:
            self._active.pop(channel.id, None)  # BAD: blindremoval

    def start(self, channel: Channel) -> None:
        self.notices += 1
        if old := self._active.get(channel.id):
            old.cancel()
        self._active[channel.id] = asyncio.create_task(self._run(channel))

    async def close(self) -> None:
        tasks = list(self._active.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
