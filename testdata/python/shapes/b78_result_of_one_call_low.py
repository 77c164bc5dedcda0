"""A record that one call makes and gives to its caller belongs to that caller."""
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol


class Model(Protocol):
    async def ask(self, question: str) -> str: ...

    def parts(self, question: str) -> AsyncIterator[str]: ...


@dataclass
class AnswerResult:
    model: Model
    question: str
    text: str | None = None

    async def get(self) -> str:
        if self.text is None:
            self.text = await self.model.ask(self.question)  # LOW: checkthenact
        return self.text


class PartsResult:
    def __init__(self, model: Model, question: str) -> None:
        self._model = model
        self._question = question
        self._whole: str | None = None

    async def whole(self) -> str:
        if self._whole is None:
            self._whole = "".join([p async for p in self._model.parts(self._question)])  # LOW: checkthenact
        return self._whole


class Agent:
    def __init__(self, model: Model) -> None:
        self._model = model

    def ask(self, question: str) -> AnswerResult:
        return AnswerResult(self._model, question)

    def stream(self, question: str) -> PartsResult:
        out = []
        out.append(PartsResult(self._model, question))
        return out[0]
