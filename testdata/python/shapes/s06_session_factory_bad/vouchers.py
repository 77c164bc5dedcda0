"""Redeems vouchers."""
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from .models import Voucher


class AlreadyRedeemed(Exception):
    pass


class VoucherService:
    def __init__(self, sessions: async_sessionmaker[AsyncSession]) -> None:
        self._sessions = sessions

    async def redeem(self, code: str, customer: str) -> Voucher:
        async with self._sessions() as session:
            result = await session.execute(select(Voucher).where(Voucher.code == code))
            voucher = result.scalar_one()
            if voucher.redeemed:
                raise AlreadyRedeemed(code)
            voucher.redeemed = True  # BAD: stalerecord @redeem
            voucher.redeemed_by = customer  # BAD: stalerecord @redeem
            await session.commit()  # BAD: stalerecord @redeem
            return voucher

    async def holder(self, code: str) -> str | None:
        async with self._sessions() as session:
            voucher = await session.get(Voucher, code)
            return voucher.redeemed_by if voucher else None
