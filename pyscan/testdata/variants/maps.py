"""Spellings of check-then-act on collections."""
import asyncio
from collections import defaultdict, deque
from typing import Any, Protocol


class Backend(Protocol):
    async def load(self, key: str) -> Any: ...

    async def start(self, key: str) -> Any: ...

    async def stop(self, key: str) -> None: ...


class Registry:
    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._items: dict[str, Any] = {}
        self._seen: set[str] = set()
        self._free: list[str] = ["a", "b"]
        self._queue: deque[str] = deque()
        self._groups: dict[str, dict[str, Any]] = defaultdict(dict)
        self._limit = 3
        self._active = 0

    async def add(self, key: str) -> None:
        if key in self._items:
            raise KeyError(key)
        value = await self._backend.start(key)
        self._items[key] = value  # BAD: checkthenact

    async def try_add(self, key: str) -> Any:
        try:
            return self._items[key]
        except KeyError:
            pass
        value = await self._backend.start(key)
        self._items[key] = value  # BAD: checkthenact
        return value

    async def group(self, a: str, b: str) -> Any:
        if b not in self._groups[a]:
            self._groups[a][b] = await self._backend.start(b)  # BAD: checkthenact
        return self._groups[a][b]

    async def once(self, key: str) -> None:
        if key in self._seen:
            return
        await self._backend.load(key)
        self._seen.add(key)  # BAD: checkthenact

    async def once_reserved(self, key: str) -> None:
        if key in self._seen:
            return
        self._seen.add(key)
        await self._backend.load(key)

    async def take(self) -> str:
        if self._free:
            await self._backend.load("x")
            return self._free.pop()  # BAD: checkthenact
        raise LookupError

    async def take_len(self) -> str:
        if len(self._free) > 0:
            await self._backend.load("x")
            return self._free.pop(0)  # BAD: checkthenact
        raise LookupError

    async def take_now(self) -> str:
        if self._free:
            item = self._free.pop()
            await self._backend.load(item)
            return item
        raise LookupError

    def give(self, item: str) -> None:
        self._free.append(item)

    async def limited(self) -> None:
        if self._active >= self._limit:
            raise RuntimeError("full")
        await self._backend.load("slot")
        self._active += 1  # BAD: checkthenact|lostupdate

    async def limited_ok(self) -> None:
        if self._active >= self._limit:
            raise RuntimeError("full")
        self._active += 1
        try:
            await self._backend.load("slot")
        finally:
            self._active -= 1

    async def drain(self) -> None:
        while self._queue:
            head = self._queue[0]
            await self._backend.load(head)
            self._queue.popleft()  # BAD: checkthenact

    async def drain_ok(self) -> None:
        while self._queue:
            await self._backend.load(self._queue.popleft())

    async def remove(self, key: str) -> None:
        if key in self._items:
            await self._backend.stop(key)
            del self._items[key]  # BAD: checkthenact|blindremoval

    async def remove_ok(self, key: str) -> None:
        item = self._items.pop(key, None)
        if item is not None:
            await self._backend.stop(key)

    async def reload(self, key: str) -> None:
        for name in list(self._items):
            value = await self._backend.load(name)
            if name in self._items:
                self._items[name] = value

    async def reload_all(self) -> None:
        for name in list(self._items):
            self._items[name].refresh()  # MAYBE: checkthenact
            await self._backend.load(name)

    async def total(self) -> int:
        n = 0
        for name in self._items:  # BAD: iterationrace
            n += await self._backend.load(name)
        return n

    async def total_enum(self) -> int:
        n = 0
        for i, (name, _) in enumerate(self._items.items()):  # BAD: iterationrace
            n += i * await self._backend.load(name)
        return n

    async def total_sorted(self) -> int:
        n = 0
        for name in sorted(self._items):
            n += await self._backend.load(name)
        return n

    async def snapshot(self) -> list[Any]:
        return [await self._backend.load(n) for n in self._items]  # BAD: iterationrace

    async def gathered(self) -> list[Any]:
        return await asyncio.gather(*(self._backend.load(n) for n in self._items))

    async def any_ready(self) -> bool:
        for item in tuple(self._items.values()):
            if await item.ready():
                return True
        return False
