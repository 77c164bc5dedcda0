"""Loyalty points by member."""
import asyncio
from typing import Protocol


class Campaigns(Protocol):
    async def bonus(self, member: str, points: int) -> int: ...


class Loyalty:
    def __init__(self, campaigns: Campaigns) -> None:
        self._campaigns = campaigns
        self._points: dict[str, int] = {}

    async def collect(self, member: str, points: int) -> int:
        balance = self._points.get(member, 0)
        bonus = await self._campaigns.bonus(member, points)
        self._points[member] = balance + points + bonus  # BAD: lostupdate
        return self._points[member]

    async def collect_many(self, member: str, receipts: list[int]) -> list[int]:
        return await asyncio.gather(*(self.collect(member, points) for points in receipts))
