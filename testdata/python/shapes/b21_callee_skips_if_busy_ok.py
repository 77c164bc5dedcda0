"""Catalogue that skips a refresh when one is under way."""
import asyncio
from typing import Protocol


class Shop(Protocol):
    async def products(self) -> list[str]: ...


class Catalogue:
    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._refreshing = asyncio.Lock()
        self._products: list[str] = []
        self.refreshes = 0

    async def refresh(self) -> bool:
        if self._refreshing.locked():
            return False
        async with self._refreshing:
            products = await self._shop.products()
            self._products = products
            self.refreshes += 1
            return True

    async def search(self, word: str) -> list[str]:
        if not self._products:
            await self.refresh()
        return [product for product in self._products if word in product]
