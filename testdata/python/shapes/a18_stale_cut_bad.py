"""Trims journals in a worker thread."""
import asyncio
from collections import defaultdict


def cut_point(rows: list[tuple[float, str]], horizon: float) -> int:
    for index, (at, _) in enumerate(rows):
        if at >= horizon:
            return index
    return len(rows)


class Journals:
    def __init__(self) -> None:
        self._rows: dict[str, list[tuple[float, str]]] = defaultdict(list)
        self.trimmed = 0

    def write(self, topic: str, at: float, text: str) -> None:
        self._rows[topic].append((at, text))

    async def trim(self, topic: str, horizon: float) -> int:
        rows = self._rows[topic]
        cut = await asyncio.to_thread(cut_point, rows, horizon)
        self._rows[topic] = self._rows[topic][cut:]  # BAD: lostupdate
        self.trimmed += cut
        return cut

    def last(self, topic: str, n: int) -> list[str]:
        return [text for _, text in self._rows[topic][-n:]]
