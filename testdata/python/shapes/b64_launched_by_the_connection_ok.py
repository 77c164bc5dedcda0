"""What is launched when the connection is opened is launched once, though it asks how much there is to launch."""
from typing import Protocol


class Gateway(Protocol):
    async def shards(self) -> int: ...

    async def open_shard(self, number: int) -> None: ...


class Client:
    def __init__(self, gateway: Gateway, shards: int | None = None) -> None:
        self._gateway = gateway
        self._shards = shards

    async def launch_shards(self) -> None:
        if self._shards is None:
            self._shards = await self._gateway.shards()
        for number in range(self._shards):
            await self._gateway.open_shard(number)

    async def connect(self) -> None:
        await self.launch_shards()
