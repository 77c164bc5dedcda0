"""Topic subscriptions per device, opened on the broker first."""
from collections import defaultdict
from typing import Protocol


class Broker(Protocol):
    async def open_subscription(self, device: str, topic: str) -> "Subscription": ...


class Subscription(Protocol):
    async def cancel(self) -> None: ...


class Subscriptions:
    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._by_device: dict[str, dict[str, Subscription]] = defaultdict(dict)

    async def subscribe(self, device: str, topic: str) -> bool:
        mine = self._by_device[device]
        if topic in mine:
            return False
        subscription = await self._broker.open_subscription(device, topic)
        mine[topic] = subscription  # BAD: checkthenact
        return True

    async def unsubscribe(self, device: str, topic: str) -> None:
        subscription = self._by_device[device].pop(topic, None)
        if subscription is not None:
            await subscription.cancel()
