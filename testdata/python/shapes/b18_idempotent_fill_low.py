"""The same number, whoever computes it: work is done twice, nothing is lost."""
from typing import Protocol


class Tokenizer(Protocol):
    async def count(self, text: str) -> int: ...


class Lengths:
    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._lengths: dict[str, int] = {}

    async def length(self, text: str) -> int:
        if text not in self._lengths:
            self._lengths[text] = await self._tokenizer.count(text)  # LOW: checkthenact
        return self._lengths[text]

    async def longest(self, texts: list[str]) -> int:
        return max([await self.length(text) for text in texts], default=0)
