"""Order workflow."""
from typing import Protocol

from .repository import Order, OrderRepository


class Gateway(Protocol):
    async def capture(self, order_id: str) -> str: ...


class OrderService:
    def __init__(self, orders: OrderRepository, gateway: Gateway) -> None:
        self._orders = orders
        self._gateway = gateway

    async def _load(self, order_id: str) -> Order:
        order = await self._orders.find(order_id)
        if order is None:
            raise LookupError(order_id)
        return order

    async def pay(self, order_id: str) -> str:
        order = await self._load(order_id)
        if order.status == "paid":
            return order.payments[-1]
        receipt = await self._gateway.capture(order_id)
        order.status = "paid"
        order.payments.append(receipt)
        await self._orders.update(order)  # BAD: stalerecord
        return receipt

    async def status(self, order_id: str) -> str:
        return (await self._load(order_id)).status
