"""Remote bank."""
from typing import Protocol


class Gateway(Protocol):
    async def post(self, path: str, amount: int) -> int: ...


class Bank:
    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def fee(self, amount: int) -> int:
        return await self._gateway.post("/fee", amount)
