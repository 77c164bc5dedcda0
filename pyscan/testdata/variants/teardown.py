"""Spellings of taking things down."""
import asyncio
from typing import Any, Protocol


class Conn(Protocol):
    async def close(self) -> None: ...

    async def send(self, text: str) -> None: ...


class Dialer(Protocol):
    async def connect(self) -> Conn: ...


class Client:
    def __init__(self, dialer: Dialer) -> None:
        self._dialer = dialer
        self._lock = asyncio.Lock()
        self._conn: Conn | None = None
        self._waiters: dict[int, asyncio.Future[str]] = {}
        self._wake = asyncio.Event()
        self._jobs: list[str] = []

    async def connect(self) -> Conn:
        async with self._lock:
            if self._conn is None:
                self._conn = await self._dialer.connect()
            return self._conn

    async def close(self) -> None:
        if self._conn is not None:
            await self._conn.close()
            self._conn = None  # BAD: checkthenact|blindremoval

    async def close_ok(self) -> None:
        conn, self._conn = self._conn, None
        if conn is not None:
            await conn.close()

    async def close_locked_ok(self) -> None:
        async with self._lock:
            if self._conn is not None:
                await self._conn.close()
                self._conn = None

    async def send(self, text: str) -> None:
        if self._conn is None:
            raise ConnectionError
        await asyncio.sleep(0)
        await self._conn.send(text)  # BAD: checkthenact

    async def send_ok(self, text: str) -> None:
        conn = self._conn
        if conn is None:
            raise ConnectionError
        await asyncio.sleep(0)
        await conn.send(text)

    def resolve(self, number: int, text: str) -> None:
        future = self._waiters.pop(number, None)
        if future is not None and not future.done():
            future.set_result(text)

    async def resolve_late(self, number: int, text: str) -> None:
        future = self._waiters[number]
        if not future.done():
            await asyncio.sleep(0)
            future.set_result(text)  # BAD: checkthenact

    async def loop(self) -> None:
        while True:
            await self._wake.wait()
            for job in list(self._jobs):
                await asyncio.sleep(len(job))
            self._wake.clear()  # BAD: checkthenact

    async def loop_ok(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            jobs, self._jobs = self._jobs, []
            for job in jobs:
                await asyncio.sleep(len(job))

    def push(self, job: str) -> None:
        self._jobs.append(job)
        self._wake.set()


class Presence:
    def __init__(self) -> None:
        self._sockets: dict[str, Any] = {}

    async def serve(self, user: str, socket: Any) -> None:
        self._sockets[user] = socket
        try:
            async for frame in socket:
                await socket.send(frame)
        finally:
            del self._sockets[user]  # BAD: blindremoval|checkthenact

    async def serve_ok(self, user: str, socket: Any) -> None:
        self._sockets[user] = socket
        try:
            async for frame in socket:
                await socket.send(frame)
        finally:
            if self._sockets.get(user) is socket:
                del self._sockets[user]

    async def push(self, user: str, text: str) -> None:
        if user in self._sockets:
            await asyncio.sleep(0)
            await self._sockets[user].send(text)  # BAD: checkthenact


class Busy:
    def __init__(self) -> None:
        self._syncing = False
        self.runs = 0

    async def sync(self) -> None:
        if self._syncing:
            return
        self._syncing = True
        try:
            await asyncio.sleep(1)
            self.runs += 1
        finally:
            self._syncing = False

    async def sync_late(self) -> None:
        if self._syncing:
            return
        await asyncio.sleep(0)
        self._syncing = True  # BAD: checkthenact
        self.runs += 1
