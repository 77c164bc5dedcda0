"""An empty task group, a generator that never awaits: entering and walking them suspends nothing."""
import asyncio
from collections.abc import AsyncIterator


class Words:
    def __init__(self, text: str) -> None:
        self._words = tuple(text.split())
        self._counts: dict[str, int] = {}
        self._longest: str | None = None

    async def _walk(self) -> AsyncIterator[str]:
        for word in self._words:
            yield word

    async def longest(self) -> str:
        if self._longest is None:
            longest = ""
            async for word in self._walk():
                longest = max(longest, word, key=len)
            self._longest = longest
        return self._longest

    async def count(self, word: str) -> int:
        if word not in self._counts:
            async with asyncio.TaskGroup():
                number = sum(1 for each in self._words if each == word)
            self._counts[word] = number
        return self._counts[word]
