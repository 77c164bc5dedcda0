"""A private start that is called on an object that was just made: it has no earlier task."""
import asyncio
from typing import Protocol


class Wire(Protocol):
    async def receive(self, subject: str) -> bytes: ...


class Subscription:
    def __init__(self, wire: Wire, subject: str) -> None:
        self._wire = wire
        self._subject = subject
        self._pump_task: asyncio.Task[None] | None = None
        self.seen: list[bytes] = []

    def _start(self, limit: int) -> None:
        self._pump_task = asyncio.create_task(self._pump(limit))

    async def _pump(self, limit: int) -> None:
        try:
            while len(self.seen) < limit:
                self.seen.append(await self._wire.receive(self._subject))
        except OSError:
            self.seen.clear()

    async def close(self) -> None:
        if self._pump_task is not None:
            self._pump_task.cancel()
            await asyncio.gather(self._pump_task, return_exceptions=True)


class Client:
    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._subscriptions: list[Subscription] = []

    def subscribe(self, subject: str) -> Subscription:
        subscription = Subscription(self._wire, subject)
        subscription._start(100)
        self._subscriptions.append(subscription)
        return subscription

    async def close(self) -> None:
        for subscription in list(self._subscriptions):
            await subscription.close()
