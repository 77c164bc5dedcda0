"""Spellings of reading, awaiting and writing back."""
import asyncio
from dataclasses import dataclass, field, replace
from typing import Any


async def fetch(x: int = 0) -> int:
    await asyncio.sleep(0)
    return x


async def pure(x: int) -> int:
    return x + 1


@dataclass
class Stats:
    hits: int = 0
    by_key: dict[str, int] = field(default_factory=dict)


class Counter:
    def __init__(self) -> None:
        self.total = 0
        self.text = ""
        self.rows: list[int] = []
        self.stats = Stats()
        self.balances: dict[str, int] = {}
        self.updated = 0.0
        self.busy = 0

    async def aug(self) -> None:
        self.total += await fetch(1)  # BAD: lostupdate

    async def plain(self) -> None:
        self.total = self.total + await fetch(1)  # BAD: lostupdate

    async def order_ok(self) -> None:
        self.total = await fetch(1) + self.total

    async def value_first_ok(self) -> None:
        n = await fetch(1)
        self.total += n

    async def never_suspends_ok(self) -> None:
        self.total += await pure(1)

    async def local(self) -> None:
        total = self.total
        total += await fetch(1)
        self.total = total  # BAD: lostupdate

    async def nested(self) -> None:
        hits = self.stats.hits
        await fetch()
        self.stats.hits = hits + 1  # BAD: lostupdate

    async def keyed(self, key: str) -> None:
        n = self.stats.by_key.get(key, 0)
        await fetch()
        self.stats.by_key[key] = n + 1  # BAD: lostupdate

    async def keyed_aug(self, key: str) -> None:
        self.balances[key] += await fetch(1)  # BAD: lostupdate

    async def transfer(self, a: str, b: str, n: int) -> None:
        if self.balances[a] < n:
            raise ValueError(a)
        await fetch()
        self.balances[a] -= n  # BAD: checkthenact|lostupdate
        self.balances[b] += n

    async def concat(self) -> None:
        rows = list(self.rows)
        rows.append(await fetch(1))
        self.rows = rows  # BAD: lostupdate

    async def independent_ok(self) -> None:
        await fetch(self.total)
        self.updated = 1.0

    async def balanced_ok(self) -> None:
        self.busy += 1
        try:
            await fetch()
        finally:
            self.busy -= 1

    async def report_ok(self) -> int:
        before = self.total
        await fetch()
        return self.total - before

    async def swap_ok(self) -> None:
        rows, self.rows = self.rows, []
        await fetch(len(rows))

    async def restore(self) -> None:
        saved = self.text
        self.text = "busy"
        await fetch()
        self.text = saved  # MAYBE: lostupdate|checkthenact


class Frozen:
    def __init__(self, state: Any) -> None:
        self._state = state

    async def set(self, name: str) -> None:
        state = self._state
        value = await fetch(1)
        self._state = replace(state, **{name: value})  # BAD: lostupdate

    async def merge(self, extra: dict[str, Any]) -> None:
        self._state = {**self._state, **extra, "n": await fetch(1)}  # BAD: lostupdate

    def clear(self) -> None:
        self._state = {}
