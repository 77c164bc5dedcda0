"""A condition is waited for once: when two wake up, one finds nothing."""
import asyncio


class Depot:
    def __init__(self) -> None:
        self._parcels: list[str] = []
        self._arrived = asyncio.Event()

    def put(self, parcel: str) -> None:
        self._parcels.append(parcel)
        self._arrived.set()

    async def take(self) -> str:
        if not self._parcels:
            self._arrived.clear()
            await self._arrived.wait()
        return self._parcels.pop()  # BAD: checkthenact
