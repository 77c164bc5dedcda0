"""A decorator takes the lock whose name it was given: two names, two locks."""
import asyncio
import functools
from collections.abc import Awaitable, Callable
from typing import Any, Protocol


class Core(Protocol):
    async def book(self, account: str, amount: int) -> None: ...


def exclusive(lock_name: str) -> Callable[..., Any]:
    def decorate(method: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        @functools.wraps(method)
        async def run(self: Any, *args: Any, **kwargs: Any) -> Any:
            async with getattr(self, lock_name):
                return await method(self, *args, **kwargs)

        return run

    return decorate


class Bank:
    def __init__(self, core: Core) -> None:
        self._core = core
        self._paying = asyncio.Lock()
        self._refunding = asyncio.Lock()
        self.paid = 0

    @exclusive("_paying")
    async def pay(self, account: str, amount: int) -> None:
        paid = self.paid
        await self._core.book(account, -amount)
        self.paid = paid + amount  # BAD: lostupdate|uselesslock @two

    @exclusive("_refunding")
    async def refund(self, account: str, amount: int) -> None:
        paid = self.paid
        await self._core.book(account, amount)
        self.paid = paid - amount  # BAD: lostupdate|uselesslock @two
