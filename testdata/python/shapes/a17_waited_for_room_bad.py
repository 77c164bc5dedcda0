"""Limits with a waiting arm."""
import asyncio
from typing import Any


class WhilePool:
    def __init__(self, server: Any, limit: int) -> None:
        self._server = server
        self._limit = limit
        self._active = 0
        self._used: set[Any] = set()
        self._freed = asyncio.Event()
        self._cond = asyncio.Condition()

    async def take(self) -> Any:
        while self._active >= self._limit:
            self._freed.clear()
            await self._freed.wait()
        conn = await self._server.dial()
        self._active += 1  # BAD: checkthenact
        return conn

    async def take_ok(self) -> Any:
        while self._active >= self._limit:
            self._freed.clear()
            await self._freed.wait()
        self._active += 1
        try:
            return await self._server.dial()
        except BaseException:
            self._active -= 1
            raise

    def free(self) -> int:
        return self._limit - len(self._used)

    async def borrow(self) -> Any:
        if self.free() <= 0:
            await self._server.queued()
        conn = await self._server.dial()
        self._used.add(conn)  # BAD: checkthenact
        return conn

    async def borrow_while(self) -> Any:
        while self.free() <= 0:
            await asyncio.sleep(0.1)
        conn = await self._server.dial()
        self._used.add(conn)  # BAD: checkthenact
        return conn

    async def borrow_ok(self) -> Any:
        while self.free() <= 0:
            await asyncio.sleep(0.1)
        slot = object()
        self._used.add(slot)
        try:
            return await self._server.dial()
        finally:
            self._used.discard(slot)

    async def cond_take(self) -> Any:
        async with self._cond:
            while self._active >= self._limit:
                await self._cond.wait()
            self._active += 1
        return await self._server.dial()

    async def give(self, conn: Any) -> None:
        async with self._cond:
            self._active -= 1
            self._cond.notify()
        self._used.discard(conn)
        self._freed.set()
