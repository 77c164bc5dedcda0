"""A nested helper that only its maker calls, one call after the other; and the variables of a generator."""
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Protocol


class Model(Protocol):
    async def __aenter__(self) -> None: ...

    async def __aexit__(self, *args: object) -> None: ...

    async def ask(self) -> str: ...


class Agent:
    def __init__(self, models: list[Model]) -> None:
        self._models = models

        self._entered: set[int] = set()

    async def run(self) -> list[str]:
        entered = self._entered.copy()
        answers = []
        async with AsyncExitStack() as stack:

            async def enter(model: Model) -> None:
                if id(model) in entered:
                    return
                await stack.enter_async_context(model)
                entered.add(id(model))

            for model in self._models:
                await enter(model)
                answers.append(await model.ask())
        return answers


class Feed(Protocol):
    async def next(self) -> str | None: ...


def pairs(feed: Feed) -> AsyncIterator[tuple[str, str]]:
    first: str | None = None

    async def both() -> AsyncIterator[tuple[str, str]]:
        nonlocal first
        while True:
            if first is None:
                first = await feed.next()
            second = await feed.next()
            if first is None or second is None:
                return
            yield first, second
            first = None

    return both()


class Session(Protocol):
    async def get(self, url: str) -> str: ...


class Sites(Protocol):
    async def login(self, user: str) -> Session: ...


async def fetch(sites: Sites, user: str, urls: list[str]) -> list[str]:
    session: Session | None = None

    async def get(url: str) -> str:
        nonlocal session
        if session is None:
            session = await sites.login(user)
        return await session.get(url)

    return [await get(url) for url in urls]
