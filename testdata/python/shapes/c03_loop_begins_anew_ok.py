"""Each pass takes a new copy, and nothing suspends while it is visited; the wait is between the passes."""
import asyncio


class Buffers:
    def __init__(self) -> None:
        self._records: dict[str, list[int]] = {}
        self._arrived = asyncio.Event()

    def put(self, topic: str, value: int) -> None:
        self._records.setdefault(topic, []).append(value)
        self._arrived.set()

    def forget(self, topic: str) -> None:
        self._records.pop(topic, None)

    async def take(self, wanted: set[str]) -> dict[str, list[int]]:
        while True:
            taken: dict[str, list[int]] = {}
            for topic in list(self._records):
                if topic not in wanted:
                    continue
                taken[topic] = self._records[topic]
                del self._records[topic]
                if len(taken) == len(wanted):
                    break
            if taken:
                return taken
            self._arrived.clear()
            await self._arrived.wait()
