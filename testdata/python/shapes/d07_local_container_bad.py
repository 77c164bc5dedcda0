"""The tasks are collected in a set that dies with the function."""
import asyncio
from typing import Protocol


class Shop(Protocol):
    async def refresh(self, article: str) -> None: ...


class Catalogue:
    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    async def refresh_later(self, articles: list[str]) -> int:
        tasks = set()
        for article in articles:
            task = asyncio.create_task(self._shop.refresh(article))  # BAD: untrackedtask
            tasks.add(task)
        return len(tasks)

    def refresh_some(self, articles: list[str]) -> None:
        tasks = [asyncio.create_task(self._shop.refresh(article)) for article in articles]  # BAD: untrackedtask
        for task in tasks:
            task.set_name("refresh")

    async def refresh_now(self, articles: list[str]) -> None:
        tasks = set()
        for article in articles:
            tasks.add(asyncio.create_task(self._shop.refresh(article)))
        await asyncio.gather(*tasks)
