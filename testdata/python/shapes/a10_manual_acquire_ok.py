"""Licence check with acquire and release spelled out."""
import asyncio
from typing import Protocol


class LicenceServer(Protocol):
    async def checkout(self, product: str) -> str: ...


class Licences:
    def __init__(self, server: LicenceServer) -> None:
        self._server = server
        self._mutex = asyncio.Lock()
        self._held: dict[str, str] = {}

    async def licence(self, product: str) -> str:
        await self._mutex.acquire()
        try:
            if product not in self._held:
                self._held[product] = await self._server.checkout(product)
            return self._held[product]
        finally:
            self._mutex.release()

    def products(self) -> list[str]:
        return sorted(self._held)
