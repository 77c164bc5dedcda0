"""Tools are added by a decorator, where they are defined."""
from collections.abc import Awaitable, Callable

Tool = Callable[[str], Awaitable[str | None]]


class Toolset:
    def __init__(self) -> None:
        self.tools: dict[str, Tool] = {}

    def tool(self, name: str) -> Callable[[Tool], Tool]:
        def register(f: Tool) -> Tool:
            self.add(name, f)
            return f

        return register

    def add(self, name: str, f: Tool) -> None:
        self.tools[name] = f

    async def ask(self, question: str) -> list[str]:
        answers = []
        for name, tool in self.tools.items():  # LOW: iterationrace
            answer = await tool(question)
            if answer is not None:
                answers.append(name + answer)
        return answers
