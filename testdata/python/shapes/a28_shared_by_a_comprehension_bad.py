"""Runs enrichment steps side by side."""
from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Protocol


class Model(Protocol):
    async def complete(self, prompt: str) -> str: ...


@dataclass
class StepContext:
    document: str
    prompt: str = ""
    answers: dict[str, str] = field(default_factory=dict)


class Enricher:
    def __init__(self, model: Model, questions: tuple[str, ...]) -> None:
        self._model = model
        self._questions = questions

    async def _ask(self, ctx: StepContext, question: str) -> None:
        ctx.prompt = f"{question}\n{ctx.document}"
        answer = await self._model.complete(ctx.prompt)
        ctx.answers[ctx.prompt] = answer  # BAD: checkthenact|lostupdate

    async def enrich(self, document: str) -> dict[str, str]:
        ctx = StepContext(document)
        await asyncio.gather(*(self._ask(ctx, question) for question in self._questions))
        return ctx.answers
