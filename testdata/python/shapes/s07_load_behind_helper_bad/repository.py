"""Order repository."""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol


@dataclass
class Order:
    id: str
    status: str = "new"
    payments: list[str] = field(default_factory=list)


class OrderRepository(Protocol):
    async def find(self, order_id: str) -> Order | None: ...

    async def update(self, order: Order) -> None: ...
