"""A decorator that is called first takes the lock: the object's own, or the one whose name it was given."""
import asyncio
import functools
from collections.abc import Awaitable, Callable
from typing import Any, Protocol


class Core(Protocol):
    async def book(self, account: str, amount: int) -> None: ...


def within(seconds: float) -> Callable[..., Any]:
    def decorate(method: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        @functools.wraps(method)
        async def run(self: "Bank", *args: Any, **kwargs: Any) -> Any:
            async with asyncio.timeout(seconds), self.lock:
                return await method(self, *args, **kwargs)

        return run

    return decorate


def exclusive(lock_name: str) -> Callable[..., Any]:
    def decorate(method: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        @functools.wraps(method)
        async def run(self: Any, *args: Any, **kwargs: Any) -> Any:
            lock = getattr(self, lock_name)
            await lock.acquire()
            try:
                return await method(self, *args, **kwargs)
            finally:
                lock.release()

        return run

    return decorate


class Bank:
    def __init__(self, core: Core) -> None:
        self._core = core
        self.lock = asyncio.Lock()
        self._paying = asyncio.Lock()
        self.balances: dict[str, int] = {}
        self.paid = 0

    @within(5)
    async def deposit(self, account: str, amount: int) -> None:
        before = self.balances.get(account, 0)
        await self._core.book(account, amount)
        self.balances[account] = before + amount

    @within(5)
    async def close(self, account: str) -> None:
        if account in self.balances:
            await self._core.book(account, -self.balances[account])
            del self.balances[account]

    @exclusive("_paying")
    async def pay(self, account: str, amount: int) -> None:
        paid = self.paid
        await self._core.book(account, -amount)
        self.paid = paid + amount

    async def refund(self, account: str, amount: int) -> None:
        async with self._paying:
            paid = self.paid
            await self._core.book(account, amount)
            self.paid = paid - amount
