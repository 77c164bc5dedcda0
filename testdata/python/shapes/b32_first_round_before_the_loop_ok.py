"""The first round is made before the loop starts; from then on the loop is alone."""
from __future__ import annotations

import asyncio
from typing import Protocol


class Api(Protocol):
    async def flags(self, etag: str | None) -> tuple[str, dict[str, bool]]: ...


class Flags:
    def __init__(self, api: Api) -> None:
        self._api = api
        self._flags: dict[str, bool] = {}
        self._etag: str | None = None
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Flags":
        await self._refresh()
        self._task = asyncio.create_task(self._loop())
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _loop(self) -> None:
        while True:
            await asyncio.sleep(30)
            try:
                await self._refresh()
            except OSError:
                continue

    async def _refresh(self) -> None:
        etag, flags = await self._api.flags(self._etag)
        if etag != self._etag:
            self._etag = etag
            self._flags = dict(flags)

    def enabled(self, name: str) -> bool:
        return self._flags.get(name, False)
