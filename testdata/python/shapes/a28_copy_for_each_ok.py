"""Runs review steps side by side, each on its own copy."""
from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import Protocol


class Model(Protocol):
    async def complete(self, prompt: str) -> str: ...


@dataclass
class ReviewContext:
    document: str
    prompt: str = ""
    answer: str = ""


class Reviewer:
    def __init__(self, model: Model, questions: tuple[str, ...]) -> None:
        self._model = model
        self._questions = questions

    async def _ask(self, ctx: ReviewContext, question: str) -> ReviewContext:
        ctx.prompt = f"{question}\n{ctx.document}"
        if not ctx.answer:
            ctx.answer = await self._model.complete(ctx.prompt)
        return ctx

    async def review(self, document: str) -> dict[str, str]:
        base = ReviewContext(document)
        done = await asyncio.gather(*(self._ask(replace(base), question) for question in self._questions))
        return {ctx.prompt: ctx.answer for ctx in done}
