"""Coupons: the row is looked up by a helper, in the session that the caller has opened."""
from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Coupon(Base):
    __tablename__ = "coupons"
    code: Mapped[str] = mapped_column(primary_key=True)
    left: Mapped[int]


class Coupons:
    def __init__(self, sessions: async_sessionmaker[AsyncSession]) -> None:
        self.sessions = sessions

    async def _find(self, session: AsyncSession, code: str) -> Coupon:
        coupon = await session.get(Coupon, code)
        if coupon is None:
            raise KeyError(code)
        return coupon

    async def _claim(self, session: AsyncSession, code: str) -> Coupon:
        return await session.get(Coupon, code, with_for_update=True)

    async def redeem(self, code: str) -> int:
        async with self.sessions() as session, session.begin():
            coupon = await self._find(session, code)
            if coupon.left < 1:
                raise ValueError("used up")
            coupon.left -= 1  # BAD: stalerecord
            return coupon.left

    async def redeem_locked(self, code: str) -> int:
        async with self.sessions() as session, session.begin():
            coupon = await self._claim(session, code)
            if coupon.left < 1:
                raise ValueError("used up")
            coupon.left -= 1
            return coupon.left
