"""Spellings of initialisation on first use."""
from __future__ import annotations

import asyncio
import functools
from typing import Any, Optional

import aiohttp
import asyncpg


class Engine:
    async def aclose(self) -> None: ...

    @classmethod
    async def build(cls, dsn: str) -> "Engine":
        await asyncio.sleep(0)
        return cls()


_pool: Optional[asyncpg.Pool] = None
_lock = asyncio.Lock()
_client = None


async def get_pool() -> asyncpg.Pool:
    global _pool
    if _pool is None:
        _pool = await asyncpg.create_pool("dsn")  # BAD: checkthenact
    return _pool


async def get_client():
    global _client
    if not _client:
        async with _lock:
            if not _client:
                _client = await asyncpg.connect("dsn")
    return _client


class Holder:
    def __init__(self) -> None:
        self._engine: Engine | None = None
        self._session = None
        self._ready = False
        self._conns: dict[str, Any] = {}
        self._loading: dict[str, asyncio.Future[Any]] = {}
        self._cache: dict[str, Any] = {}

    async def engine(self) -> Engine:
        if self._engine:
            return self._engine
        engine = await Engine.build("x")
        self._engine = engine  # BAD: checkthenact
        return engine

    async def session(self):
        if self._session is None or self._session.closed:
            await asyncio.sleep(0)
            self._session = aiohttp.ClientSession()  # BAD: checkthenact
        return self._session

    async def ensure_ready(self) -> None:
        if not self._ready:
            await self._prepare()
            self._ready = True  # BAD: checkthenact

    async def _prepare(self) -> None:
        await asyncio.sleep(1)

    async def conn(self, name: str):
        conn = self._conns.get(name)
        if not conn:
            conn = await asyncpg.connect(name)
            self._conns[name] = conn  # BAD: checkthenact
        return conn

    async def conn_or(self, name: str):
        return self._cache.get(name) or await self._fill(name)

    async def _fill(self, name: str):
        value = await asyncpg.connect(name)
        self._cache[name] = value  # MAYBE: checkthenact
        return value

    async def single_flight(self, name: str):
        if name not in self._loading:
            self._loading[name] = asyncio.get_running_loop().create_future()
            self._loading[name].set_result(await asyncpg.connect(name))
        return await self._loading[name]

    async def rechecked(self) -> Engine:
        if self._engine is None:
            engine = await Engine.build("x")
            if self._engine is None:
                self._engine = engine
            else:
                await engine.aclose()
        return self._engine


class TaskCached:
    def __init__(self) -> None:
        self._task: asyncio.Task[Engine] | None = None

    async def engine(self) -> Engine:
        if self._task is None:
            self._task = asyncio.create_task(Engine.build("x"))
        return await asyncio.shield(self._task)

    async def aclose(self) -> None:
        if self._task is not None:
            self._task.cancel()


class Nested:
    class State:
        conn: Any = None

    def __init__(self) -> None:
        self.state = Nested.State()

    async def conn(self) -> Any:
        if self.state.conn is None:
            self.state.conn = await asyncpg.connect("dsn")  # BAD: checkthenact
        return self.state.conn


class WithRaise:
    def __init__(self) -> None:
        self._open = False

    async def open(self) -> None:
        if self._open:
            raise RuntimeError("already open")
        await asyncio.sleep(1)
        self._open = True  # BAD: checkthenact

    def close(self) -> None:
        self._open = False


class Early:
    def __init__(self) -> None:
        self._open = False
        self.opened = 0

    async def open(self) -> None:
        if self._open:
            return
        self._open = True
        try:
            await asyncio.sleep(1)
            self.opened += 1
        except BaseException:
            self._open = False
            raise


class Ternary:
    def __init__(self) -> None:
        self._conn = None

    async def conn(self):
        self._conn = self._conn if self._conn is not None else await asyncpg.connect("dsn")  # BAD: checkthenact|lostupdate
        return self._conn

    def drop(self) -> None:
        self._conn = None


class OrAssign:
    def __init__(self) -> None:
        self._conn = None

    async def conn(self):
        self._conn = self._conn or await asyncpg.connect("dsn")  # BAD: checkthenact|lostupdate
        return self._conn


class ByMatch:
    def __init__(self) -> None:
        self._state = "new"

    async def advance(self) -> None:
        match self._state:
            case "new":
                await asyncio.sleep(1)
                self._state = "up"  # BAD: checkthenact
            case "up":
                return

    def stop(self) -> None:
        self._state = "new"


class Status:
    def __init__(self) -> None:
        self.status = "idle"

    async def trigger(self) -> bool:
        if self.status != "idle":
            return False
        await asyncio.sleep(0)
        self.status = "busy"  # BAD: checkthenact
        return True

    def finish(self) -> None:
        self.status = "idle"


class WhileLoop:
    def __init__(self) -> None:
        self._conn = None

    async def get(self):
        while self._conn is None:
            try:
                self._conn = await asyncpg.connect("dsn")  # BAD: checkthenact
            except OSError:
                await asyncio.sleep(1)
        return self._conn
