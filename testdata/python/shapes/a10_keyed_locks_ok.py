"""Channels by shard; one lock per shard, kept for good."""
import asyncio
from collections import defaultdict
from typing import Any, Protocol


class Grpc(Protocol):
    async def open_channel(self, shard: int) -> Any: ...


class Shards:
    def __init__(self, grpc: Grpc) -> None:
        self._grpc = grpc
        self._channels: dict[int, Any] = {}
        self._locks: dict[int, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def channel(self, shard: int) -> Any:
        if (channel := self._channels.get(shard)) is not None:
            return channel
        async with self._locks[shard]:
            if (channel := self._channels.get(shard)) is not None:
                return channel
            channel = await self._grpc.open_channel(shard)
            self._channels[shard] = channel
            return channel

    async def call(self, shard: int, method: str) -> Any:
        channel = await self.channel(shard)
        return await channel.call(method)
