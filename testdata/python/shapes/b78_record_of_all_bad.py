"""A record that one call makes is kept in a table, where all who come later find it."""
from dataclasses import dataclass
from typing import Protocol


class Model(Protocol):
    async def ask(self, question: str) -> object: ...


@dataclass
class Answer:
    model: Model
    question: str
    value: object | None = None

    async def get(self) -> object:
        if self.value is None:
            self.value = await self.model.ask(self.question)  # BAD: checkthenact
        return self.value


class Agent:
    def __init__(self, model: Model) -> None:
        self._model = model
        self._answers: dict[str, Answer] = {}

    def ask(self, question: str) -> Answer:
        answer = self._answers.get(question)
        if answer is None:
            answer = Answer(self._model, question)
            self._answers[question] = answer
        return answer
