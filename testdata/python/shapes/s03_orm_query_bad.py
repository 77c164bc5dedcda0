"""Routes of the shop."""
from fastapi import APIRouter, Depends, HTTPException
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db import get_session
from tables import Account, Coupon

router = APIRouter()


@router.post("/redeem/{code}")
async def redeem(code: str, session: AsyncSession = Depends(get_session)):
    coupon = (await session.execute(select(Coupon).where(Coupon.code == code))).scalar_one_or_none()
    if coupon is None or coupon.used:
        raise HTTPException(404)
    coupon.used = True  # BAD: stalerecord @redeem
    await session.commit()  # BAD: stalerecord @redeem
    return {"ok": True}


@router.post("/redeem-locked/{code}")
async def redeem_locked(code: str, session: AsyncSession = Depends(get_session)):
    query = select(Coupon).where(Coupon.code == code).with_for_update()
    coupon = (await session.execute(query)).scalar_one_or_none()
    if coupon is None or coupon.used:
        raise HTTPException(404)
    coupon.used = True
    await session.commit()
    return {"ok": True}


@router.post("/pay/{account_id}")
async def pay(account_id: int, amount: int, session: AsyncSession = Depends(get_session)):
    account = await session.get(Account, account_id)
    if account.balance < amount:
        raise HTTPException(402)
    account.balance -= amount  # BAD: stalerecord @pay
    session.add(account)
    await session.commit()  # BAD: stalerecord @pay
    return {"balance": account.balance}


@router.get("/show/{account_id}")
async def show(account_id: int, session: AsyncSession = Depends(get_session)):
    account = await session.get(Account, account_id)
    if account is None:
        raise HTTPException(404)
    return {"balance": account.balance}


@router.patch("/rename/{account_id}")
async def rename(account_id: int, name: str, session: AsyncSession = Depends(get_session)):
    account = await session.get(Account, account_id)
    if account is None:
        raise HTTPException(404)
    account.name = name
    await session.commit()
    return {"name": account.name}
