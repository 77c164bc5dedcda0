"""An order is built step by step; nobody else can see it before it is returned."""
from dataclasses import dataclass, field
from typing import Protocol


class Catalogue(Protocol):
    async def price(self, sku: str) -> int: ...

    async def discount(self, total: int) -> int: ...


@dataclass
class Order:
    customer: str
    lines: dict[str, int] = field(default_factory=dict)
    total: int = 0
    discount: int | None = None


async def build_order(catalogue: Catalogue, customer: str, skus: list[str]) -> Order:
    order = Order(customer)
    for sku in skus:
        if sku not in order.lines:
            order.lines[sku] = await catalogue.price(sku)
        order.total += await catalogue.price(sku)
    if order.discount is None:
        order.discount = await catalogue.discount(order.total)
    return order


async def quote(catalogue: Catalogue, customer: str, sku: str) -> list[int]:
    order = await build_order(catalogue, customer, [sku])
    amounts = [order.total]

    def add(amount: int) -> None:
        amounts.append(amount)

    add(order.discount or 0)
    return amounts
