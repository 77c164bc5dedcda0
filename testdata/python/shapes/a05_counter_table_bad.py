"""Votes by option, each confirmed by the registry."""
from collections import Counter
from typing import Protocol


class Registry(Protocol):
    async def weight(self, voter: str) -> int: ...


votes: Counter[str] = Counter()
rejected = 0


async def vote(registry: Registry, voter: str, option: str) -> None:
    global rejected
    if not option:
        rejected += 1
        return
    votes[option] += await registry.weight(voter)  # BAD: lostupdate


def leading() -> str | None:
    ranked = votes.most_common(1)
    return ranked[0][0] if ranked else None
