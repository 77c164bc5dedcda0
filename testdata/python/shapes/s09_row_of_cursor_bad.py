"""Loyalty points in SQLite."""
import aiosqlite


class NotEnough(Exception):
    pass


class Points:
    def __init__(self, db: aiosqlite.Connection) -> None:
        self._db = db

    async def spend(self, member: str, points: int) -> int:
        async with self._db.execute("SELECT points FROM members WHERE id = ?", (member,)) as cursor:
            row = await cursor.fetchone()
        if row is None or row[0] < points:
            raise NotEnough(member)
        left = row[0] - points
        await self._db.execute("UPDATE members SET points = ? WHERE id = ?", (left, member))  # BAD: stalerecord
        await self._db.commit()
        return left

    async def earn(self, member: str, points: int) -> None:
        await self._db.execute("UPDATE members SET points = points + ? WHERE id = ?", (points, member))
        await self._db.commit()
