"""Spellings of locking."""
import asyncio
import threading
from collections import defaultdict
from contextlib import asynccontextmanager
from typing import Any, Protocol
from weakref import WeakValueDictionary


class Remote(Protocol):
    async def load(self, key: str) -> Any: ...

    async def open(self) -> Any: ...


class Manual:
    def __init__(self, remote: Remote) -> None:
        self._remote = remote
        self._lock = asyncio.Lock()
        self._conn: Any = None

    async def conn(self) -> Any:
        await self._lock.acquire()
        try:
            if self._conn is None:
                self._conn = await self._remote.open()
            return self._conn
        finally:
            self._lock.release()

    async def reset(self) -> None:
        async with self._lock:
            self._conn = None


class Keyed:
    def __init__(self, remote: Remote) -> None:
        self._remote = remote
        self._locks: dict[str, asyncio.Lock] = {}
        self._data: dict[str, Any] = {}

    def _lock(self, key: str) -> asyncio.Lock:
        if key not in self._locks:
            self._locks[key] = asyncio.Lock()
        return self._locks[key]

    async def get(self, key: str) -> Any:
        async with self._lock(key):
            if key not in self._data:
                self._data[key] = await self._remote.load(key)
            return self._data[key]


class KeyedDefault:
    def __init__(self, remote: Remote) -> None:
        self._remote = remote
        self._locks = defaultdict(asyncio.Lock)
        self._data: dict[str, Any] = {}

    async def get(self, key: str) -> Any:
        lock = self._locks[key]
        async with lock:
            value = self._data.get(key)
            if value is None:
                value = self._data[key] = await self._remote.load(key)
            return value


class Evicting:
    def __init__(self, remote: Remote) -> None:
        self._remote = remote
        self._locks: dict[str, asyncio.Lock] = {}
        self._data: dict[str, Any] = {}

    async def get(self, key: str) -> Any:
        lock = self._locks.setdefault(key, asyncio.Lock())
        try:
            async with lock:  # BAD: uselesslock @evict
                if key not in self._data:
                    self._data[key] = await self._remote.load(key)
                return self._data[key]
        finally:
            self._locks.pop(key, None)  # BAD: uselesslock|blindremoval @evict


class PerCall:
    def __init__(self, remote: Remote) -> None:
        self._remote = remote
        self._n = 0

    async def bump(self) -> None:
        lock = asyncio.Lock()
        async with lock:  # BAD: uselesslock
            n = self._n
            await self._remote.load("n")
            self._n = n + 1  # MAYBE: lostupdate


class OutsideAct:
    def __init__(self, remote: Remote) -> None:
        self._remote = remote
        self._lock = asyncio.Lock()
        self._conn: Any = None

    async def conn(self) -> Any:
        async with self._lock:
            missing = self._conn is None
        if missing:
            self._conn = await self._remote.open()  # BAD: checkthenact
        return self._conn

    async def close(self) -> None:
        async with self._lock:
            await self._remote.load("close")
            self._conn = None


class Released:
    def __init__(self, remote: Remote) -> None:
        self._remote = remote
        self._lock = asyncio.Lock()
        self._data: dict[str, Any] = {}

    async def get(self, key: str) -> Any:
        async with self._lock:
            if key in self._data:
                return self._data[key]
        value = await self._remote.load(key)
        async with self._lock:
            self._data[key] = value  # BAD: checkthenact
        return value

    async def get_ok(self, key: str) -> Any:
        async with self._lock:
            if key in self._data:
                return self._data[key]
        value = await self._remote.load(key)
        async with self._lock:
            return self._data.setdefault(key, value)


class Wrapped:
    def __init__(self, remote: Remote) -> None:
        self._remote = remote
        self._mutex = asyncio.Lock()
        self._conn: Any = None

    @asynccontextmanager
    async def _guard(self):
        async with self._mutex:
            yield

    async def conn(self) -> Any:
        async with self._guard():
            if self._conn is None:
                self._conn = await self._remote.open()
        return self._conn

    async def __aenter__(self):
        await self._mutex.acquire()
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._mutex.release()

    async def replace(self) -> None:
        async with self:
            old = self._conn
            self._conn = await self._remote.open()
            if old is not None:
                await old.close()


class Locked:
    def __init__(self, remote: Remote) -> None:
        self._remote = remote
        self._lock = asyncio.Lock()
        self._items: dict[str, Any] = {}

    async def get(self, key: str) -> Any:
        async with self._lock:
            return await self._get_locked(key)

    async def refresh(self, key: str) -> Any:
        async with self._lock:
            self._items.pop(key, None)
            return await self._get_locked(key)

    async def _get_locked(self, key: str) -> Any:
        if key not in self._items:
            self._items[key] = await self._remote.load(key)
        return self._items[key]


class Sem:
    def __init__(self, remote: Remote) -> None:
        self._remote = remote
        self._one = asyncio.Semaphore(1)
        self._many = asyncio.Semaphore(5)
        self._a: Any = None
        self._b: Any = None

    async def a(self) -> Any:
        async with self._one:
            if self._a is None:
                self._a = await self._remote.open()
        return self._a

    async def b(self) -> Any:
        async with self._many:
            if self._b is None:
                self._b = await self._remote.open()  # BAD: checkthenact
        return self._b


class Cond:
    def __init__(self) -> None:
        self._cond = asyncio.Condition()
        self._items: list[int] = []

    async def put(self, n: int) -> None:
        async with self._cond:
            self._items.append(n)
            self._cond.notify()

    async def get(self) -> int:
        async with self._cond:
            while not self._items:
                await self._cond.wait()
            return self._items.pop()

    async def get_for(self) -> int:
        async with self._cond:
            await self._cond.wait_for(lambda: self._items)
            return self._items.pop()

    async def get_bad(self) -> int:
        async with self._cond:
            if not self._items:
                await self._cond.wait()
            return self._items.pop()  # BAD: checkthenact


class Threaded:
    def __init__(self, remote: Remote) -> None:
        self._remote = remote
        self._lock = threading.Lock()
        self._rlock = threading.RLock()
        self._n = 0

    async def bump(self) -> None:
        with self._lock:  # BAD: threadlockawait
            await self._remote.load("n")
            self._n += 1

    async def bump_ok(self) -> None:
        await self._remote.load("n")
        with self._lock:
            self._n += 1


class Weak:
    def __init__(self, remote: Remote) -> None:
        self._remote = remote
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._data: dict[str, Any] = {}

    async def get(self, key: str) -> Any:
        lock = self._locks.get(key)
        if lock is None:
            lock = asyncio.Lock()
            self._locks[key] = lock
        async with lock:
            if key not in self._data:
                self._data[key] = await self._remote.load(key)
            return self._data[key]
