"""Two steps work on one context object at the same time."""
import asyncio
from dataclasses import dataclass
from typing import Protocol


class Model(Protocol):
    async def ask(self, prompt: str) -> str: ...


@dataclass
class Context:
    prompt: str = ""
    answer: str = ""


async def step(model: Model, context: Context, topic: str) -> str:
    context.prompt = f"Write about {topic}."
    await model.ask("warm up")
    context.answer = await model.ask(context.prompt)  # BAD: checkthenact|lostupdate
    return context.answer


async def both(model: Model, first: str, second: str) -> list[str]:
    context = Context()
    return await asyncio.gather(step(model, context, first), step(model, context, second))
